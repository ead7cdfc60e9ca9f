import pytest

from service.archive.language import identify

TEXTS = {
    "en": "The minister said on Tuesday that the border would stay closed until the talks had ended.",
    "de": "Der Minister sagte am Dienstag, die Grenze bleibe geschlossen, bis die Gespräche beendet seien.",
    "fr": "Le ministre a déclaré mardi que la frontière resterait fermée jusqu'à la fin des pourparlers.",
    "tr": "Bakan salı günü görüşmeler bitene kadar sınırın kapalı kalacağını söyledi.",
    "uk": "Міністр сказав у вівторок, що кордон залишиться закритим до кінця переговорів.",
    "ar": "قال الوزير يوم الثلاثاء إن الحدود ستبقى مغلقة حتى نهاية المحادثات.",
    "zh": "部长周二表示，边境将继续关闭，直到会谈结束。",
}


@pytest.mark.parametrize("language", TEXTS)
def test_a_sentence_is_enough(language: str) -> None:
    found, probability = identify(TEXTS[language])
    assert found == language
    assert 0.5 < probability <= 1


def test_what_says_nothing_is_not_trusted() -> None:
    assert identify("")[1] < 0.1
