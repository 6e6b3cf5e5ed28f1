"""The texts of the opt-out page, by language, and the choice of one. English is what is left."""

import re
from functools import lru_cache

import msgspec


class Words(msgspec.Struct, frozen=True):
    """What the page says before and after the button is pressed, without markup."""

    question: str
    press: str
    button: str
    otherwise: str
    done: str
    recorded: str


WORDS = {
    "en": Words(
        "Stop these text messages?",
        "Press the button and we will not text this number any more.",
        "Stop text messages",
        "If you want to keep getting them, just close this page.",
        "You will get no more text messages",
        "Your opt-out is recorded. A message that is on its way already may still arrive.",
    ),
    "de": Words(
        "Keine SMS mehr erhalten?",
        "Drücken Sie auf den Knopf, und wir schicken keine SMS mehr an diese Nummer.",
        "SMS abbestellen",
        "Wenn Sie weiterhin SMS erhalten möchten, schließen Sie einfach diese Seite.",
        "Sie erhalten keine SMS mehr",
        "Ihre Abmeldung ist gespeichert. Eine SMS, die schon unterwegs ist, kann noch ankommen.",
    ),
    "fr": Words(
        "Ne plus recevoir ces SMS ?",
        "Appuyez sur le bouton pour ne plus recevoir de SMS sur ce numéro.",
        "Arrêter les SMS",
        "Pour continuer à les recevoir, fermez simplement cette page.",
        "Vous ne recevrez plus de SMS",
        "Votre demande est enregistrée. Un message déjà en route peut encore arriver.",
    ),
    "es": Words(
        "¿Dejar de recibir estos SMS?",
        "Pulse el botón y no enviaremos más SMS a este número.",
        "No recibir más SMS",
        "Si quiere seguir recibiéndolos, cierre esta página.",
        "No recibirá más SMS",
        "Su baja está registrada. Un mensaje que ya está en camino todavía puede llegar.",
    ),
    "it": Words(
        "Non ricevere più questi SMS?",
        "Premi il pulsante e non invieremo più SMS a questo numero.",
        "Non ricevere più SMS",
        "Se vuoi continuare a riceverli, chiudi questa pagina.",
        "Non riceverai più SMS",
        "La tua richiesta è registrata. Un messaggio già in viaggio può ancora arrivare.",
    ),
    "nl": Words(
        "Geen sms-berichten meer ontvangen?",
        "Druk op de knop en we sturen geen sms meer naar dit nummer.",
        "Sms-berichten stoppen",
        "Wilt u ze blijven ontvangen, sluit dan gewoon deze pagina.",
        "U ontvangt geen sms-berichten meer",
        "Uw afmelding is vastgelegd. Een bericht dat al onderweg is, kan nog aankomen.",
    ),
    "pt": Words(
        "Parar de receber estes SMS?",
        "Toque no botão e não enviaremos mais SMS para este número.",
        "Parar os SMS",
        "Se quiser continuar a recebê-los, basta fechar esta página.",
        "Não receberá mais SMS",
        "O seu pedido está registado. Uma mensagem que já está a caminho ainda pode chegar.",
    ),
    "pl": Words(
        "Nie chcesz już otrzymywać tych SMS-ów?",
        "Naciśnij przycisk, a nie wyślemy więcej SMS-ów na ten numer.",
        "Zrezygnuj z SMS-ów",
        "Jeśli chcesz je nadal otrzymywać, po prostu zamknij tę stronę.",
        "Nie otrzymasz więcej SMS-ów",
        "Rezygnacja została zapisana. Wiadomość, która jest już w drodze, może jeszcze dotrzeć.",
    ),
}
ENGLISH = "en"
_RANGE = re.compile(r"([a-z]{2,3})(?:-[a-z0-9-]+)?(?:\s*;\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?")
_MAX_HEADER = 200


@lru_cache(maxsize=1_000)
def language_of(accept_language: bytes) -> str:
    """The language of WORDS that an Accept-Language header wants most; the one named first among equals."""
    best, weight = ENGLISH, 0.0
    for wish in accept_language[:_MAX_HEADER].decode("latin-1").lower().split(","):
        match = _RANGE.fullmatch(wish.strip())
        if match and match[1] in WORDS and (asked := float(match[2] or 1)) > weight:
            best, weight = match[1], asked
    return best
