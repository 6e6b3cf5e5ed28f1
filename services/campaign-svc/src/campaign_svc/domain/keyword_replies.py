# ruff: noqa: RUF001 - letters of other alphabets are meant
"""What Volley answers to STOP, HELP and START where an account says nothing else: who writes, and how to stop.

The three words themselves stay as they are in every language: every phone and every provider knows them.
"""

from typing import Final, Literal

import msgspec

Answered = Literal["stop", "help", "start"]
_ENGLISH = "en"

_HELP: Final = {
    "en": "{name}: you get these messages because you signed up for them. Reply STOP to unsubscribe, START to get them"
    " again.",
    "ar": "{name}: تصلك هذه الرسائل لأنك اشتركت فيها. أرسل STOP لإلغاء الاشتراك أو START لاستقبالها من جديد.",
    "da": "{name}: du får disse beskeder, fordi du har tilmeldt dig. Svar STOP for at afmelde, START for at få dem"
    " igen.",
    "de": "{name}: Sie erhalten diese Nachrichten, weil Sie sich angemeldet haben. Antworten Sie STOP zum Abmelden,"
    " START zum erneuten Anmelden.",
    "el": "{name}: λαμβάνετε αυτά τα μηνύματα επειδή εγγραφήκατε. Απαντήστε STOP για διαγραφή, START για να τα"
    " λαμβάνετε ξανά.",
    "es": "{name}: recibe estos mensajes porque los ha solicitado. Responda STOP para darse de baja, START para"
    " recibirlos de nuevo.",
    "fi": "{name}: saat nämä viestit, koska olet tilannut ne. Vastaa STOP lopettaaksesi, START saadaksesi ne taas.",
    "fr": "{name}: vous recevez ces messages parce que vous les avez demandés. Répondez STOP pour ne plus les recevoir,"
    " START pour les recevoir à nouveau.",
    "he": "{name}: הודעות אלה נשלחות אליך כי נרשמת אליהן. השב STOP להסרה או START כדי לקבל אותן שוב.",
    "hi": "{name}: आपको ये संदेश इसलिए मिलते हैं क्योंकि आपने सदस्यता ली है। बंद करने के लिए STOP और फिर पाने के लिए START भेजें।",
    "it": "{name}: riceve questi messaggi perché li ha richiesti. Risponda STOP per non riceverli più, START per"
    " riceverli di nuovo.",
    "ja": "{name}: ご登録いただいたためお送りしています。停止は STOP、再開は START とご返信ください。",
    "ko": "{name}: 수신에 동의하셔서 보내 드리는 메시지입니다. 수신 거부는 STOP, 다시 받으시려면 START를 보내 주세요.",
    "nl": "{name}: u krijgt deze berichten omdat u zich hebt aangemeld. Antwoord STOP om u af te melden, START om ze"
    " weer te krijgen.",
    "pl": "{name}: otrzymujesz te wiadomości, ponieważ wyrażono na nie zgodę. Odpowiedz STOP, aby zrezygnować, START,"
    " aby znów je otrzymywać.",
    "pt": "{name}: recebe estas mensagens porque as pediu. Responda STOP para cancelar, START para voltar a receber.",
    "ru": "{name}: вы подписаны на эти сообщения. Ответьте STOP, чтобы отписаться, START, чтобы получать их снова.",
    "sv": "{name}: du får de här meddelandena eftersom du har anmält dig. Svara STOP för att avsluta, START för att få"
    " dem igen.",
    "tr": "{name}: bu mesajları kayıt olduğunuz için alıyorsunuz. Çıkmak için STOP, yeniden almak için START yazın.",
    "uk": "{name}: ви підписані на ці повідомлення. Надішліть STOP, щоб відписатися, START, щоб отримувати їх знову.",
    "zh": "{name}: 您订阅了这些短信。回复 STOP 退订, 回复 START 重新接收。",
}
_STOP: Final = {
    "en": "{name}: you are unsubscribed and will get no more messages. Reply START to get them again.",
    "ar": "{name}: تم إلغاء اشتراكك ولن تصلك رسائل أخرى. أرسل START لاستقبالها من جديد.",
    "da": "{name}: du er afmeldt og får ikke flere beskeder. Svar START for at få dem igen.",
    "de": "{name}: Sie sind abgemeldet und erhalten keine Nachrichten mehr. Antworten Sie START, um sie wieder zu"
    " erhalten.",
    "el": "{name}: διαγραφήκατε και δεν θα λαμβάνετε άλλα μηνύματα. Απαντήστε START για να τα λαμβάνετε ξανά.",
    "es": "{name}: se ha dado de baja y no le enviaremos otros mensajes. Responda START para recibirlos de nuevo.",
    "fi": "{name}: et saa enää viestejä. Vastaa START saadaksesi niitä taas.",
    "fr": "{name}: vous ne recevrez plus de messages. Répondez START pour les recevoir à nouveau.",
    "he": "{name}: הוסרת מרשימת התפוצה ולא יישלחו אליך הודעות נוספות. השב START כדי לקבל אותן שוב.",
    "hi": "{name}: आपकी सदस्यता समाप्त हो गई है और अब कोई संदेश नहीं भेजा जाएगा। फिर पाने के लिए START भेजें।",
    "it": "{name}: non riceverà più messaggi. Risponda START per riceverli di nuovo.",
    "ja": "{name}: 配信を停止しました。再開するには START とご返信ください。",
    "ko": "{name}: 수신이 거부되어 더 이상 메시지를 보내지 않습니다. 다시 받으시려면 START를 보내 주세요.",
    "nl": "{name}: u bent afgemeld en krijgt geen berichten meer. Antwoord START om ze weer te krijgen.",
    "pl": "{name}: nie będziesz już otrzymywać wiadomości. Odpowiedz START, aby znów je otrzymywać.",
    "pt": "{name}: cancelado, deixaremos de lhe enviar mensagens. Responda START para voltar a receber.",
    "ru": "{name}: вы отписаны и больше не получите сообщений. Ответьте START, чтобы получать их снова.",
    "sv": "{name}: du är avanmäld och får inga fler meddelanden. Svara START för att få dem igen.",
    "tr": "{name}: artık mesaj almayacaksınız. Yeniden almak için START yazın.",
    "uk": "{name}: ви відписалися й більше не отримаєте повідомлень. Надішліть START, щоб отримувати їх знову.",
    "zh": "{name}: 您已退订, 不会再收到短信。回复 START 重新接收。",
}
_START: Final = {
    "en": "{name}: you will get our messages again. Reply STOP to unsubscribe, HELP for help.",
    "ar": "{name}: ستصلك رسائلنا من جديد. أرسل STOP لإلغاء الاشتراك أو HELP للمساعدة.",
    "da": "{name}: du får beskeder igen. Svar STOP for at afmelde, HELP for hjælp.",
    "de": "{name}: Sie erhalten wieder Nachrichten. Antworten Sie STOP zum Abmelden, HELP für Hilfe.",
    "el": "{name}: θα λαμβάνετε ξανά μηνύματα. Απαντήστε STOP για διαγραφή, HELP για βοήθεια.",
    "es": "{name}: le enviaremos mensajes de nuevo. Responda STOP para darse de baja, HELP para obtener ayuda.",
    "fi": "{name}: saat taas viestejä. Vastaa STOP lopettaaksesi, HELP saadaksesi apua.",
    "fr": "{name}: vous recevrez de nouveau nos messages. Répondez STOP pour ne plus en recevoir, HELP pour l'aide.",
    "he": "{name}: הודעות יישלחו אליך שוב. השב STOP להסרה או HELP לעזרה.",
    "hi": "{name}: आपको फिर से संदेश मिलेंगे। बंद करने के लिए STOP और सहायता के लिए HELP भेजें।",
    "it": "{name}: riceverà di nuovo i nostri messaggi. Risponda STOP per non riceverli più, HELP per assistenza.",
    "ja": "{name}: 配信を再開しました。停止は STOP、ヘルプは HELP とご返信ください。",
    "ko": "{name}: 다시 메시지를 보내 드립니다. 수신 거부는 STOP, 도움말은 HELP를 보내 주세요.",
    "nl": "{name}: u krijgt weer berichten. Antwoord STOP om u af te melden, HELP voor hulp.",
    "pl": "{name}: znów będziesz otrzymywać wiadomości. Odpowiedz STOP, aby zrezygnować, HELP, aby uzyskać pomoc.",
    "pt": "{name}: voltaremos a enviar-lhe mensagens. Responda STOP para cancelar, HELP para obter ajuda.",
    "ru": "{name}: вы снова будете получать сообщения. Ответьте STOP, чтобы отписаться, HELP для справки.",
    "sv": "{name}: du får meddelanden igen. Svara STOP för att avsluta, HELP för hjälp.",
    "tr": "{name}: yeniden mesaj alacaksınız. Çıkmak için STOP, yardım için HELP yazın.",
    "uk": "{name}: ви знову отримуватимете повідомлення. Надішліть STOP, щоб відписатися, HELP для довідки.",
    "zh": "{name}: 您将重新收到短信。回复 STOP 退订, 回复 HELP 获取帮助。",
}
_TEXTS: Final[dict[Answered, dict[str, str]]] = {"help": _HELP, "stop": _STOP, "start": _START}


class DefaultReply(msgspec.Struct, frozen=True, kw_only=True):
    """What is answered to words of the language (ISO 639), or to people of a country where it is spoken."""

    keyword: Answered
    language: str
    text: str


def default_reply(keyword: Answered, language: str | None, name: str) -> str:
    """The answer in the language, else in English. `name` is that of the account."""
    texts = _TEXTS[keyword]
    wanted = (language or _ENGLISH).partition("-")[0]
    return texts.get(wanted, texts[_ENGLISH]).replace("{name}", name)


def defaults(name: str) -> list[DefaultReply]:
    """Every answer that there is."""
    return [
        DefaultReply(keyword=keyword, language=language, text=default_reply(keyword, language, name))
        for keyword, texts in _TEXTS.items()
        for language in texts
    ]
