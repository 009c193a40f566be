"""When a case still waits for an answer, since when, and how long it has been quiet."""

from datetime import UTC, datetime, timedelta

import pytest

from crm.records import Case, CaseMessage, Customer, Status, Writer
from crm.standing import quiet_for, substantive, unresolved, waiting_since

DAY = timedelta(days=1)
START = datetime(2026, 3, 1, 9, tzinfo=UTC)


def case(*messages: tuple[float, Writer, str], status: Status = "open", resolved: float | None = None) -> Case:
    """Give a case whose messages and resolution are counted in days after its opening."""
    return Case(
        case_id="C-1",
        customer=Customer("K-1", "Ann Example"),
        channel="email",
        status=status,
        team="email-care",
        opened_at=START,
        updated_at=START,
        resolved_at=None if resolved is None else START + resolved * DAY,
        messages=tuple(CaseMessage(START + days * DAY, author, text) for days, author, text in messages),
    )


def agent(text: str) -> CaseMessage:
    return CaseMessage(START, "agent", text)


@pytest.mark.parametrize("status", ["open", "pending"])
def test_an_open_or_pending_case_is_unresolved_whatever_was_answered(status: Status) -> None:
    assert unresolved(case((1, "agent", "Refunded £4.20 today."), status=status))


@pytest.mark.parametrize("status", ["resolved", "closed"])
def test_a_closed_case_with_a_real_answer_is_resolved(status: Status) -> None:
    assert not unresolved(case((0, "customer", "Where?"), (1, "agent", "Answered."), status=status, resolved=1))


def test_a_case_closed_without_a_word_is_unresolved() -> None:
    assert unresolved(case((0, "customer", "My can was empty."), status="closed", resolved=9))


ASKED: list[tuple[float, Writer, str]] = [(0, "customer", "It leaks, thanks."), (7, "system", "Engineer: done.")]


@pytest.mark.parametrize(
    "last",
    ["All working, many thanks to the young man.", "It works again, cheers", "Hi Ann, it's all sorted now. Thank you!",
     "Hat geklappt, danke!", "C'est réglé, merci", "Ya funciona, gracias.", "Já funciona!", "Tutto risolto, grazie",
     "Werkt weer, bedankt", "Wszystko działa, dziękuję"],
)  # fmt: skip
def test_a_case_that_its_customer_ended_content_is_resolved_though_no_agent_wrote(last: str) -> None:
    assert not unresolved(case(*ASKED, (8, "customer", last), status="resolved", resolved=9))
    assert unresolved(case(*ASKED, status="resolved", resolved=9)), "who only asked is owed an answer"


@pytest.mark.parametrize(
    "last",
    ["Thanks, but it is still leaking", "Thank you for nothing", "Any news? Thanks", "It has now stopped altogether.",
     "Please send my refund. Thanks in advance.", "I want this fixed immediately.", "Thanks a lot for ignoring me!",
     "Here is my order number 12345. Thanks, Anna", "It works again for five minutes then drops.",
     "Thanks, waiting for your reply.", "doesnt work. thanks", "When will this be solved", "All good things end",
     "Merci de me rembourser au plus vite.", "Ça marche une fois sur deux", "Faut que ce soit réglé demain",
     "Danke, ich warte auf die Erstattung.", "Vielen Dank im Voraus.", "Dank euch sitze ich ohne Internet.",
     "Das muss endlich erledigt werden.", "Quiero que esto quede resuelto ya.", "Gracias, quedo a la espera.",
     "Obrigado, fico a aguardar a resposta.", "Voglio il problema risolto entro oggi.", "Grazie, resto in attesa.",
     "Ik wil dat dit wordt opgelost.", "Bedankt, ik wacht op mijn geld.", "Internet działa tylko rano"],
)  # fmt: skip
def test_politeness_bitterness_and_demands_do_not_end_a_case(last: str) -> None:
    assert unresolved(case(*ASKED, (8, "customer", last), status="resolved", resolved=9))


def test_a_system_message_is_no_answer() -> None:
    assert unresolved(case((0, "system", "Refund of £4.20 booked by rule 7."), status="closed", resolved=1))


def test_a_resolution_that_lies_ahead_does_not_count_yet() -> None:
    later = case((0, "customer", "Where?"), (3, "agent", "Refunded."), status="resolved", resolved=3)
    assert unresolved(later, now=START + 2 * DAY)
    assert not unresolved(later, now=START + 4 * DAY)


def test_an_answer_that_lies_ahead_does_not_count_yet() -> None:
    reopened = case((0, "customer", "Where?"), (5, "agent", "Refunded."), status="closed", resolved=1)
    assert unresolved(reopened, now=START + 2 * DAY)


@pytest.mark.parametrize(
    "text",
    [
        "Auto-acknowledgement e-mailed.",
        "This is an automated message. Your parcel is on its way to our hearts. Do not reply to this e-mail.",
        "Hi Keith, our web team will look at this.",
        "Dear Ann,\n\nThank you for contacting us. We have received your message and will get back to you.\n\n"
        "Kind regards,\nTom",
        "Hi Ann, sorry to hear this. I'll look into this.",
        "Closing this ticket due to inactivity.",
        "This case has been automatically closed.",
        "Ticket closed. How did we do? Please rate your experience.",
        "Left voicemail, no answer.",
        "Sehr geehrte Frau Muster, vielen Dank für Ihre Nachricht. Wir melden uns in Kürze.",
        "Hallo Anna, wir haben Ihre Anfrage erhalten. Ihr Anliegen wird geprüft. Viele Grüße, Tom",
        "Das Ticket wurde automatisch geschlossen.",
        "Bonjour Anne, nous avons bien reçu votre demande. Nous reviendrons vers vous rapidement. Cordialement, Luc",
        "Votre dossier a été clôturé.",
        "Hola Ana, hemos recibido su mensaje. Le responderemos en breve. Saludos, Luis",
        "El caso ha sido cerrado.",
        "Ciao Anna, abbiamo ricevuto la tua richiesta. Ti risponderemo presto.",
        "La richiesta è stata chiusa.",
        "Beste Anna, bedankt voor uw bericht. We nemen zo snel mogelijk contact met u op.",
        "De melding is gesloten.",
        "Olá Ana, recebemos a sua mensagem. Entraremos em contacto em breve.",
        "O pedido foi encerrado.",
        "Dzień dobry Anna, otrzymaliśmy Twoje zgłoszenie. Odpowiemy wkrótce.",
        "Zgłoszenie zostało zamknięte.",
        "",
        "  ...  ",
    ],
)
def test_an_acknowledgement_a_promise_or_a_closing_notice_is_no_answer(text: str) -> None:
    assert not substantive(agent(text))
    assert unresolved(case((0, "customer", "My can was empty."), (1, "agent", text), status="closed", resolved=2))


@pytest.mark.parametrize(
    "text",
    [
        "Answered.",
        "Rebooked.",
        "Refunded.",
        "Hi Carol, refunded £4.20, should be with you in 3 days.",
        "Thank you for contacting us. The can was underfilled, a new pack is on its way. Ticket closed.",
        "We have received your photos and refunded the order in full.\nKind regards, Tom",
        "We have received your message and refunded the order in full.",
        "I'll check the till, but £10 is on your card already.",
        "Hi Ann, refunded in full. Your bank sends an automatic reply, please do not reply to this e-mail.",
        "Code was for new customers only, explained.",
        "Replacement delivered and signed. Cust happy.",
        "Closed: customer collected the keg.",
        "Vielen Dank für Ihre Nachricht. Die Lieferung kommt morgen.",
        "Nous avons bien reçu votre photo. Le remboursement est parti ce matin.",
        "Gracias por su mensaje. El reembolso se hizo ayer.",
        "Grazie per averci scritto. Il rimborso è stato emesso.",
        "Bedankt voor uw bericht. Het pakket is opnieuw verzonden.",
        "Obrigado pela sua mensagem. O reembolso foi emitido.",
        "Dziękujemy za wiadomość. Zwrot pieniędzy został wysłany.",
    ],
)
def test_any_sentence_that_says_something_is_an_answer(text: str) -> None:
    assert substantive(agent(text))
    assert not unresolved(case((0, "customer", "My can was empty."), (1, "agent", text), status="closed", resolved=2))


@pytest.mark.parametrize("author", ["customer", "system"])
def test_only_an_agent_answers(author: Writer) -> None:
    assert not substantive(CaseMessage(START, author, "Refunded £4.20."))


def test_a_customer_waits_since_the_first_message_that_nobody_answered() -> None:
    assert waiting_since(case((0, "customer", "Empty."), (2, "customer", "Hello?"))) == START
    told = case(
        (0, "customer", "Empty."), (1, "agent", "Send the batch code."), (3, "customer", "L60."), (4, "customer", "?")
    )
    assert waiting_since(told) == START + 3 * DAY


def test_a_promise_does_not_end_the_wait() -> None:
    promised = case((0.5, "customer", "Empty."), (1, "agent", "Hi Ann, I'll look into this."), (3, "customer", "And?"))
    assert waiting_since(promised) == START + 0.5 * DAY


def test_a_case_of_notes_alone_waits_since_its_opening() -> None:
    assert waiting_since(case((1, "agent", "Cust rang, wants a call back."))) == START
    assert waiting_since(case()) == START


def test_messages_may_come_in_any_order() -> None:
    shuffled = case((3, "customer", "And?"), (1, "agent", "Sent today."), (0, "customer", "Where?"))
    assert waiting_since(shuffled) == START + 3 * DAY


def test_quiet_counts_from_the_last_word_of_an_agent_or_from_the_opening() -> None:
    now = START + 9 * DAY
    assert quiet_for(case((1, "customer", "Empty."), (2, "system", "SLA breached.")), now) == 9 * DAY
    assert quiet_for(case((1, "customer", "Empty."), (4, "agent", "No update yet.")), now) == 5 * DAY
    assert quiet_for(case((4, "agent", "No."), (10, "agent", "Later.")), now) == 5 * DAY
