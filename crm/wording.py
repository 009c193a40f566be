"""How support teams say nothing: acknowledgements, promises and closing notices, in eight languages.

A message is cut into clauses. A clause that begins as one of these patterns says nothing; any other counts as an
answer, so that a case is never called unresolved for words that are not listed here.
"""

import re
from collections.abc import Iterable


def _any(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


AUTOMATIC = _any(
    (
        r"auto(?:matic|mated|matically)?[ -]?(?:acknowledg|repl|respon)",
        r"this is an automat",
        r"do not reply to this",
        r"automatische (?:antwort|nachricht|eingangsbest)",
        r"(?:réponse|message) automatique",
        r"accusé de réception",
        r"(?:respuesta|mensaje) automátic",
        r"acuse de recibo",
        r"(?:risposta|messaggio) automatic",
        r"automatische? (?:antwoord|bericht|ontvangstbevestiging)",
        r"(?:resposta|mensagem) automátic",
        r"automatyczna (?:odpowiedź|wiadomość)",
    )
)
"""Marks a clause, and a message that begins with it, as written by no one."""

GREETING = re.compile(
    r"^\s*(?:hi|hello|hiya|dear|good (?:morning|afternoon|evening)|hallo|guten tag|liebe[rs]?|sehr geehrte[rs]?|bonjour"
    r"|cher|chère|hola|buenos días|buenas tardes|estimad[oa]|ciao|buongiorno|gentile|beste|geachte|olá|bom dia"
    r"|boa tarde|car[oa]|dzień dobry|szanown[ya])(?: [^\W\d_][\w.'’-]*){0,4}\s*[,!:\n]",
    re.IGNORECASE,
)

FAREWELL = re.compile(
    r"\b(?:(?:kind|best|warm) (?:regards|wishes)|regards|many thanks|sincerely|mit freundlichen grüßen|viele grüße"
    r"|cordialement|bien à vous|saludos|cordiali saluti|met vriendelijke groet|atenciosamente|cumprimentos"
    r"|pozdrawiam(?:y)?)[ ,.!\n]*(?:[^\W\d_][\w.'’-]*\s*){0,4}$",
    re.IGNORECASE,
)

CLAUSES = re.compile(
    r"(?<=[.!?…])\s+|[\n;]+|,\s+|\s+(?:and|but|und|aber|et|y|pero|maar|mas|oraz|ale)\s+(?=\w)",
    re.IGNORECASE,
)

_MESSAGE = r"(?:message|e-?mail|enquiry|inquiry|request|ticket|case)"
_RECEIVED = (
    r"acknowledge?ment sent",
    rf"(?:(?:we|i)(?: have|'ve)? )?received your (?:{_MESSAGE}|photos?)",
    rf"your {_MESSAGE} (?:has been|was|is) (?:now )?(?:received|created|logged|registered)",
    r"(?:thank you|thanks)(?: very much| again)? for (?:contacting|getting in touch|reaching out|writing|calling)",
    rf"(?:thank you|thanks)(?: very much| again)? for your (?:{_MESSAGE}|patience|call|feedback)$",
    rf"your (?:{_MESSAGE}|reference)(?: number| no\.?)? is [\w-]+$",
    r"(?:we )?(?:aim|try) to (?:reply|respond|answer)",
    r"wir haben (?:ihre|deine) (?:nachricht|anfrage|e-?mail|mail) (?:erhalten|bekommen)",
    r"(?:vielen dank|danke) für (?:ihre|deine) (?:nachricht|anfrage|e-?mail|mail|geduld)",
    r"nous avons (?:bien )?reçu (?:votre|ta) (?:message|demande|mail|e-?mail|courrier)",
    r"merci (?:de nous avoir|pour votre (?:message|mail|e-?mail|patience|demande))",
    r"hemos recibido (?:su|tu) (?:mensaje|correo|solicitud|consulta)",
    r"gracias por (?:contactar|ponerse en contacto|escribir|(?:su|tu) (?:mensaje|correo|paciencia))",
    r"abbiamo ricevuto (?:la sua|la tua|il suo|il tuo) (?:richiesta|messaggio|e-?mail)",
    r"grazie per (?:averci (?:scritto|contattato)|(?:il suo|il tuo) messaggio|la (?:sua|tua) (?:richiesta|pazienza))",
    r"(?:we|wij) hebben (?:uw|je) (?:bericht|vraag|mail|e-?mail) ontvangen",
    r"bedankt voor (?:uw|je) (?:bericht|mail|e-?mail|geduld|vraag)",
    r"recebemos (?:a sua|o seu|sua|seu) (?:mensagem|e-?mail|pedido|contacto?)",
    r"obrigad[oa] (?:por (?:contactar|entrar em contacto?|escrever)|pel[oa] su?a? ?(?:mensagem|contacto?|paciência))",
    r"otrzymaliśmy (?:twoj[ąe]|twój|państwa|pani|pana) (?:wiadomość|zgłoszenie|e-?mail)",
    r"dziękujemy za (?:kontakt|wiadomość|zgłoszenie|cierpliwość)",
)

_WILL = r"(?:(?:i|we)(?:'ll| will| shall)|will)(?: now| also)? "
_PROMISED = (
    _WILL + r"(?:look into|check|investigate|get back|come back|be in touch|follow up)",
    r"(?:we|i)(?: are|'re| am|'m) (?:looking into|investigating|checking)",
    r"(?:(?:we|i)(?: have|'ve)? )?(?:passed|forwarded|escalated) (?:this|it|your [\w-]+)(?: on)? to",
    r"our [\w -]{2,30} (?:team|desk) will (?:look|be in touch|contact|get back|reply)",
    r"(?:someone|a colleague|an agent) will (?:contact|call|reply|get back|be in touch)",
    r"we hope to have news",
    r"please (?:bear with us|be patient)",
    r"(?:no update yet|chased internally|with the team|see task|passed on|left (?:a )?voicemail|no answer"
    r"|tried to ring(?: back)?|engaged)$",
    r"wir (?:melden uns|kümmern uns|prüfen das|prüfen ihr)",
    r"(?:ich|wir) (?:habe|haben) (?:das|es|ihr anliegen) (?:weitergeleitet|weitergegeben)",
    r"ihr anliegen wird (?:geprüft|bearbeitet)",
    r"nous (?:reviendrons|revenons) vers vous",
    r"votre demande (?:est|sera) (?:en cours de traitement|traitée)",
    r"(?:le|te) (?:responderemos|contestaremos)",
    r"nos pondremos en contacto",
    r"(?:le|ti|la) (?:risponderemo|ricontatteremo)",
    r"(?:we|wij) (?:nemen (?:zo snel mogelijk )?contact|komen (?:hier|er) (?:zo snel mogelijk )?op terug)",
    r"entraremos em contacto?",
    r"odpowiemy|skontaktujemy się",
)

_CLOSED = (
    rf"(?:(?:i am|i'm|we are|we're) )?(?:now )?closing (?:this|the|your) {_MESSAGE}",
    rf"(?:(?:this|the|your) )?{_MESSAGE} (?:(?:has been|was|is|will be) )?(?:now |being )?(?:automatically )?closed",
    r"(?:auto-?)?closed(?: automatically)?(?: due to (?:inactivity|no (?:response|reply)))?$",
    r"no (?:further )?(?:response|reply)(?: received| from (?:the )?cust\w*)?$",
    r"(?:marked|set|status changed) (?:as|to) (?:resolved|solved|closed)",
    r"(?:please )?(?:rate|tell us) (?:your experience|how we did|our service)|how did we do",
    r"(?:das ticket|der fall|ihre anfrage|(?:der )?vorgang|ticket) (?:wird|wurde|ist)"
    r" (?:hiermit |nun |automatisch )?geschlossen",
    r"wir schließen (?:das|dieses|den|ihr|ihre) (?:ticket|fall|anfrage|vorgang)",
    r"(?:(?:le|la|votre|ce) )?(?:ticket|demande|dossier) (?:est|a été|sera) (?:clôturée?|fermée?|close?)",
    r"nous (?:clôturons|fermons) (?:le|ce|votre) (?:ticket|demande|dossier)",
    r"(?:(?:el|la|su|este) )?(?:caso|ticket|tique|incidencia|solicitud) (?:ha sido|queda|se ha|está) cerrad[oa]",
    r"(?:cerramos|procedemos a cerrar) (?:el|la|este|su) (?:caso|ticket|incidencia|solicitud)",
    r"(?:(?:il|la|questo) )?(?:ticket|caso|richiesta|pratica) (?:è stat[oa]|verrà|è) chius[oa]",
    r"chiudiamo (?:il|la|questo|questa) (?:ticket|caso|richiesta|pratica)",
    r"(?:(?:het|de|uw|dit) )?(?:ticket|zaak|aanvraag|melding) (?:is|wordt|werd) (?:automatisch )?gesloten",
    r"(?:we|wij) sluiten (?:het|de|dit|deze|uw) (?:ticket|zaak|aanvraag|melding)",
    r"(?:(?:o|a|este|seu) )?(?:ticket|caso|pedido|chamado) (?:foi|será|está) (?:encerrad[oa]|fechad[oa])",
    r"encerramos (?:o|a|este|esta) (?:ticket|caso|pedido|chamado)",
    r"(?:zgłoszenie|sprawa) (?:zostało|została|zostanie) zamknięt[ea]",
    r"zamykamy (?:zgłoszenie|sprawę)",
)

_POLITE = (
    r"(?:we(?: are|'re) |i(?: am|'m) )?(?:so |very |really )?sorry"
    r"(?: to (?:hear|see) (?:this|that)| about (?:this|that|the delay)| for (?:this|the (?:delay|inconvenience)))?$",
    r"(?:we |i )?apologi[sz]e(?: for [\w ]{0,40})?$|(?:our |my )?apologies(?: for [\w ]{0,40})?$",
    r"(?:thank you|thanks|hi|hello|good question|of course)$",
    r"(?:as soon as (?:we can|possible)|shortly|soon)$",
    r"(?:es tut uns leid|wir entschuldigen uns|désolés?|nous (?:sommes désolés|nous excusons)|lo sentimos|ci scusiamo"
    r"|ci dispiace|onze excuses|lamentamos|przepraszamy)(?: [\w ]{0,40})?$",
)

SAYS_NOTHING = _any((*_RECEIVED, *_PROMISED, *_CLOSED, *_POLITE))
"""Matches, at its start, a clause that answers nothing."""

_WELL = (
    r"(?:(?:it|that|everything)(?:'s| is)? )?(?:now )?all (?:good|sorted|working|fixed|resolved|fine|done)",
    r"(?:it|that|everything)(?: is|'s| has been)? (?:now )?(?:all )?(?:working|sorted|fixed|solved|resolved)",
    r"(?:it |now it )?works (?:now|again|perfectly|fine)",
    r"(?:es |das |jetzt )?(?:hat (?:jetzt )?geklappt|hat sich erledigt|(?:funktioniert|geht) (?:jetzt|wieder))",
    r"(?:c'est|tout est) (?:réglé|résolu|rentré dans l'ordre)|ça (?:marche|fonctionne) (?:maintenant|de nouveau)",
    r"ya (?:funciona|está (?:resuelto|solucionado|arreglado))|todo (?:resuelto|solucionado|arreglado)",
    r"já (?:funciona|está (?:resolvido|a funcionar))|tudo (?:resolvido|certo)",
    r"(?:ora|adesso) funziona|tutto (?:risolto|a posto)",
    r"(?:het |alles )?(?:werkt (?:nu|weer)|is (?:nu )?opgelost)",
    r"(?:już|teraz) działa|wszystko (?:działa|załatwione)",
)
_THANKS = r"(?:many )?thanks|thank you|cheers|vielen dank|dank|merci|(?:muchas )?gracias|obrigad|grazie|bedankt|dzięk"
CONTENT = re.compile(rf"(?:{'|'.join(_WELL)})(?: now| again)?\s*(?:$|[.,!;)–-]|{_THANKS})", re.IGNORECASE)
"""Begins what a customer wrote last who has what was asked for: mere thanks do not, for they may be said in advance."""

NOT_CONTENT = _any(
    (
        r"[?\d]",
        r"\b(?:no|not|never|still|but|nothing|nobody|unless|until|please|want|need|must|wait\w*|would|should|if|when|then|only"
        r"|except|however|though|yet|except|refund|money|compensation|until|sometimes|barely|hardly|drops?)\b|n['’]?t\b",
        r"\b(?:nicht|nichts|nix|kein\w*|niemand|noch|aber|trotzdem|nie|bitte|warte\w*|will|möchte|muss|soll\w*|erst|nur|wenn|bis"
        r"|dann|jedoch|allerdings|kündig\w*)\b",
        r"\b(?:pas|rien|toujours|encore|mais|jamais|personne|aucune?|attends?|attente|veux|faut|seulement|si|quand|sauf)\b",
        r"\b(?:nada|nadie|nunca|todavía|aún|sigue|sigo|pero|espero|espera|quiero|favor|solo|sólo|si|cuando|hasta|salvo)\b",
        r"\b(?:não|ainda|mas|ninguém|aguardo|quero|só|se|quando|até|exceto)\b",
        r"\b(?:non|niente|nessuno|ancora|ma|però|attendo|attesa|voglio|favore|quando|finché|tranne)\b",
        r"\b(?:niet|niets|geen|niemand|nog|maar|nooit|wacht\w*|wil|graag|moet|als|wanneer|alleen|behalve)\b",
        r"\b(?:nie|nadal|ale|nic|nikt|proszę|czekam|chcę|tylko|kiedy|jeśli|rano)\b",
    )
)
"""Found where something is wanted yet, or such words are bitter."""
