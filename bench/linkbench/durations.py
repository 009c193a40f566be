"""Words for numbers, weeks and weekdays: a language has but one for each, so that the splits share them."""

NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WEEKS = {
    "en": ("a week", "two weeks", "three weeks", "four weeks", "five weeks", "six weeks"),
    "de": ("einer Woche", "zwei Wochen", "drei Wochen", "vier Wochen", "fünf Wochen", "sechs Wochen"),
    "fr": ("une semaine", "deux semaines", "trois semaines", "quatre semaines", "cinq semaines", "six semaines"),
    "es": ("una semana", "dos semanas", "tres semanas", "cuatro semanas", "cinco semanas", "seis semanas"),
    "pt": ("uma semana", "duas semanas", "três semanas", "quatro semanas", "cinco semanas", "seis semanas"),
    "it": ("una settimana", "due settimane", "tre settimane", "quattro settimane", "cinque settimane", "sei settimane"),
    "nl": ("een week", "twee weken", "drie weken", "vier weken", "vijf weken", "zes weken"),
}
