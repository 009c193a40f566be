"""How a poster says they reached the company before, whether they did, and signs that the matter is a new one."""

import re
from functools import cache

from matcher.clue import Clue
from matcher.folding import fold

_EMAIL = (
    r"\be-?mail(?:ed|ing|s)?\b|\bemailled\b|\bgemailt\b|\be-?mails?\b|\bmails?\b|\bmailed\b|\bangeschrieben\b|"
    r"\bcourriels?\b|\bcorreos?\b|\bper mail\b|\binbox\b|\bgemaild\b|\bmailtje\b|\bmejl\b"
)
_WROTE = (
    r"\bwrote\b|\bwritten\b|\bwrit(?:ing|e) to\b|\bgeschrieben\b|\bschrieb\b|\bschreibe?\b|\becrit\b|\becrivons\b|"
    r"\bescribi(?:o|mos|eron)?\b|\bescrito\b|\bhe escrito\b|\bescrevi\b|\bescreveu\b|\bescrevemos\b|\bscritto\b|\bscrivo\b|"
    r"\bgeschreven\b|\bschreef\b|\bfotos? (?:geschickt|gemailt)\b|\bsent (?:a |the )?(?:picture|photo|pic)s?\b"
)
_PHONE = (
    r"\brang\b|\brung\b|\bring(?:ing)? (?:you|them|up|back)\b|\bring me back\b|\bcall(?:ed|ing)\b|\bphone[d]?\b|\bphoning\b|"
    r"\bon the (?:phone|blower|line)\b|\bon hold\b|\bhold music\b|\bhelpline\b|\bhotline\b|\bcall ?(?:back|centre|center)\b|"
    r"\bcalled me back\b|\bin the queue\b|\bangerufen\b|\btelefon\w*|\bruckruf\b|\bwarteschleife\b|\bappele\b|"
    r"\bappel(?:er|s)?\b|\bau telephone\b|\btelephon\w*|\brappel\w*|\bllam(?:e|o|ado|ada|amos)\b|\bpor telefono\b|\bllamada\b|"
    r"\blig(?:uei|ou|amos)\b|\btelefonema\b|\btelefon(?:ei|ou|ato|ata|are)\b|\bchiamat\w+|\bgebeld\b|\bbelde?n?\b|\bterugbel\w+|"
    r"\bgave (?:you|them) a (?:ring|call|bell)\b|\bwacht(?:rij|muziek)\b|\bvoicemail\b|\bspoke (?:to|with) (?:a|your|some)\b"
)
_CHAT = r"\bweb ?chat\b|\blive ?chat\b|\bchat ?bot\b|\bin the chat\b|\bim chat\b|\bchatted\b|\ble chat\b|\bel chat\b|\bchat\b"
_DM = r"\bdms?\b|\bdm'?e?d\b|\bdirect messages?\b|\binsta(?:gram)?\b|\bmessenger\b|\bwhats ?app\b|\bprivate message\b|\btweeted (?:you|them)\b"
_PERSON = (
    r"\bin (?:the|your|ur) (?:shop|store|branch|showroom)\b|\bat the (?:counter|till|desk)\b|\bim laden\b|\ben magasin\b|"
    r"\ben (?:la )?tienda\b|\bna loja\b|\bin negozio\b|\bin de winkel\b|\byour rep\b|\bthe rep\b|\btold the (?:store|shop|staff)\b"
)
_CONTACT = (
    r"\b(?:told|asked|an answer|any answer|any news|any sign|answered|contacted|reported|messaged|complain(?:ed)?|chased|raised|explained|notified|let (?:them|you) know|"
    r"got in touch|been in touch|get in touch|been on to|followed up|sent you|sent them|you promised|you said|they said|"
    r"you told|they told|been told|was told|they promised|promised|you've known|no reply|no answer|no response|not replied|"
    r"hasn't replied|haven't replied|left on read|ignored|unanswered|silence|crickets|still waiting|waiting (?:for|on)|"
    r"looking into|checking with|will (?:ring|call|get back)|hear(?:d)? (?:back|nothing|hee)|not heard|never heard|get back to|not a word|"
    r"not a peep|keep waiting|radio silence|chasing|ticket|case number|in writing)\b|"
    r"\b(?:gemeldet|reklamiert|keine antwort|antwort\w*|beschwer\w*|versprochen|vertrostet|warte\w*|klaren wir|kummern uns|"
    r"fragen nach|prufen|funkstille|schweigen|nichts gehort|ticket)\b|"
    r"\b(?:signale|reclam\w*|sans reponse|aucune reponse|pas de reponse|reponse|toujours rien|silence|attend\w*|verifient|"
    r"promis|relance\w*|contacte\w*)\b|"
    r"\b(?:sin respuesta|respuesta|nadie (?:contesta|responde)|silencio|esper\w+|contest\w+|prometieron|reclam\w+|"
    r"ningun\w* respuesta|incidencia)\b|"
    r"\b(?:sem resposta|resposta|ninguem|a espera|esper\w+|prometeram|respondem|silencio)\b|"
    r"\b(?:nessuna risposta|risposta|segnalat\w+|aspett\w+|promess\w+|silenzio|rispond\w+|reclam\w+)\b|"
    r"\b(?:geen reactie|geen antwoord|reactie|antwoord|wacht\w*|beloofd|gemeld|klacht|stilte)\b"
)
_FRESH = (
    r"\b(?:just now|just (?:arrived|opened|came|got|had|turned up|landed|received|been)|today|tonight|this (?:morning|afternoon|evening)|"
    r"right now|came today|arrived today|minutes ago|an hour ago|delivery just|has just|have just|you've just|soeben|gerade eben|"
    r"(?<!bis )heute|a l'instant|vient d'arriver|viens de|acab(?:a|o) de|acaban de|agora mesmo|hoy|hoje|appena|oggi|zojuist|vandaag|net binnen)\b"
)
_OTHER = (
    r"\b(?:(?:totally |completely )?separate (?:from|to|issue|matter|thing|complaint)|different (?:issue|matter|problem)|nothing to do with (?:my|the) (?:other|last)|"
    r"another (?:issue|problem|matter|one)|new (?:problem|issue|complaint|one)|not about (?:my|the) (?:other|last)|unrelated to|as well as my other|"
    r"anderes (?:problem|thema)|neues problem|autre (?:probleme|sujet)|nouveau probleme|otro (?:tema|problema)|nuevo problema|"
    r"outro (?:assunto|problema)|altro problema|nuovo problema|ander probleem|nieuw probleem)\b"
)
_SETTLED = (
    r"\b(?:(?:did|finally|have|has|you|they) (?:sort(?:ed)?|fix(?:ed)?|refund(?:ed)?|pa(?:y|id) (?:her|him|me|us|it)? ?back)|that (?:ye|you|they) fixed|"
    r"all sorted|was sorted|got sorted|in fairness|replacement (?:\w+ )?(?:\w+ )?(?:\w+ )?arrived|refund came through|again\b.{0,40}\btoday|"
    r"erledigt|erstattet worden|rembourse[es]?|me devolvieron|risolto|resolvido|opgelost)\b"
)
_FIRST_TIME = r"\b(?:is there an? (?:email|number|address)|who do i (?:contact|email|call|complain)|how do i (?:contact|complain)|anyone in\b|wer ist zustandig|where do i complain)"

_PATTERNS = {
    "channel_email": _EMAIL,
    "channel_wrote": _WROTE,
    "channel_phone": _PHONE,
    "channel_chat": _CHAT,
    "channel_dm": _DM,
    "channel_person": _PERSON,
    "contact": _CONTACT,
    "fresh": _FRESH,
    "other_matter": _OTHER,
    "settled": _SETTLED,
    "first_time": _FIRST_TIME,
}


@cache
def _compiled() -> dict[str, re.Pattern[str]]:
    return {code: re.compile(pattern) for code, pattern in _PATTERNS.items()}


def cues(text: str) -> list[Clue]:
    """Give the cues of a text: channels named, earlier contact, and signs of a fresh, other or settled matter."""
    folded = fold(text)
    clues = []
    for code, pattern in _compiled().items():
        match = pattern.search(folded)
        if match is not None:
            clues.append(Clue(code, match.group(), match.start(), match.end()))
    return clues
