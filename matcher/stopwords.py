"""Words that say nothing about a matter, in seven languages, folded; and the small talk of posts and letters."""

STOPWORDS: frozenset[str] = frozenset(
    """
    a about above after again against all also am an and any are aren't as at be because been before being below between
    both but by can can't could couldn't did didn't do does doesn't doing don't down during each few for from further get
    gets getting go goes going got had hadn't has hasn't have haven't having he he's her here here's hers him his how i
    i'd i'll i'm i've if in into is isn't it it's its itself just know let like make me more most much my myself no nor
    not now of off on once one only or other our ours out over own please really said same say says she she's should so
    some still such than thank thanks that that's the their them then there there's these they they're thing things this
    those through to too under until up us very was wasn't we we're we've were weren't what what's when where which while
    who whom whose why will with won't would wouldn't yes yet you you're you've your yours even ever every never nothing
    anyone anything someone something somebody everyone want wanted need needs come came back day days week weeks month
    months today time ago since dear hello hiya team regards kind many hope forward hearing looking sincerely faithfully
    best good morning afternoon evening lot bit way well right sure think told asked order orders ordered customer cust
    also two three four five six seven eight nine ten first last next new old another because anybody nobody oh hey lol
    ok okay lads folks guys mate wee yer ye ya ma aye im ive dont cant didnt youve thats
    der die das ein eine einen einem einer eines und oder aber nicht kein keine ich du er sie es wir ihr mir mich dir dich
    uns euch ihm ihn ihnen mein meine dein sein seine unser ist sind war waren bin bist seid hat habe haben hatte wird
    werden wurde kann konnen auf aus bei mit nach seit von zu zum zur im in an am um fur als wie was wer wo wenn dass da
    so auch noch nur schon sehr mehr dann denn doch mal immer jetzt hier heute guten tag hallo liebe grusse grussen
    freundlichen bitte danke vielen dank sehr geehrte damen herren tage woche wochen seit vor uber bis
    le la les un une des du de d l et ou mais ne pas plus je tu il elle on nous vous ils elles me te se mon ma mes ton ta
    tes son sa ses notre nos votre vos leur leurs est sont etait suis es sommes etes ont ai as a avons avez avoir etre ce
    cet cette ces que qui quoi dont ou quand comme pour par sur sous avec sans dans en au aux si y tres bien encore deja
    depuis jour jours semaine semaines bonjour merci cordialement madame monsieur salutations
    el los las unos unas y o pero no mi mis tu tus su sus yo nos os se lo al del que quien cual cuando como para por con
    sin sobre entre desde hasta hay es son era soy eres somos ha han he hemos haber ser estar esta este estos estas eso muy
    mas ya tambien dia dias semana semanas hola gracias saludos buenos buenas tardes atentamente estimados
    o os as um uma uns umas e ou mas nao meu minha meus minhas seu sua seus suas eu ele ela nos vos eles elas lhe que quem
    quando como para por com sem sobre entre desde ate ha e sao era sou foi ser estar este esta isso isto muito mais ja
    tambem ola obrigado obrigada cumprimentos bom boa tarde
    il lo gli i uno ed ma non mio mia miei mie tuo tua suo sua loro io noi voi essi lei lui che chi quando come per con
    senza su tra fra da dal dalla nel nella del della dei delle sono era ho hai abbiamo avete hanno essere avere questo
    questa questi molto piu gia anche giorno giorni settimana buongiorno salve grazie saluti cordiali
    de het een en of maar niet geen ik jij hij zij ze wij jullie mij me je hem haar hun ons onze mijn jouw zijn is was
    waren ben bent heb heeft hebben had wordt worden kan op uit bij met naar sinds van te ten ter voor als hoe wat wie waar
    wanneer dat dit deze die er ook nog al zeer meer dan toch altijd nu hier vandaag beste goedemiddag groeten vriendelijke
    graag bedankt dank dagen weken
    """.split()
)
