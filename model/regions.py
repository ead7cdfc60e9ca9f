"""Places that are told from a namesake by the region behind them ("Paris, Texas", "Athens, Ga.")."""

import re

#: States of the United States and provinces of Canada, written out, as the Associated Press shortens them, or by two
#: capitals; without Georgia, which is a state of its own, too, and without Washington, which is a capital.
_REGION = re.compile(
    r",\s(?:Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Hawaii|Idaho"
    r"|Illinois|Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi"
    r"|Missouri|Montana|Nebraska|Nevada|New (?:Hampshire|Jersey|Mexico|York|Brunswick)|North (?:Carolina|Dakota)|Ohio"
    r"|Oklahoma|Oregon|Pennsylvania|Rhode Island|South (?:Carolina|Dakota)|Tennessee|Texas|Utah|Vermont|Virginia"
    r"|Washington state|West Virginia|Wisconsin|Wyoming|Alberta|British Columbia|Manitoba|Nova Scotia|Ontario"
    r"|Quebec|Saskatchewan"
    r"|(?:Ala|Ariz|Ark|Calif|Colo|Conn|Del|Fla|Ga|Ill|Ind|Kan|Ky|La|Md|Mass|Mich|Minn|Miss|Mo|Mont|Neb|Nev|Okla|Ore|Pa"
    r"|Tenn|Tex|Vt|Va|Wash|Wis|Wyo|Ont|N\.[CDHJMY]|S\.[CD]|R\.I|W\.\s?Va)\."
    r"|A[KLRZ]|C[AOT]|FL|GA|HI|I[ADL]|K[SY]|LA|M[ADINOST]|N[CDEHJMVY]|O[HK]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY])(?!\w)"
)
#: What shows that a name and the one behind it are items of a list ("Mexico, California and Texas").
_LISTED_BEFORE = re.compile(r"(?:,|\b(?:and|or|between))\s(?:the\s)?$")
_LISTED_BEHIND = re.compile(r",?\s(?:and|or)\s|,\s(?:[A-Z][\w.]*\s){0,2}[A-Z][\w.]*,?\s(?:and|or)\s")


def lies_in_region(sentence: str, start: int, end: int) -> bool:
    """Whether a region of the United States or Canada stands behind the name at ``sentence[start:end]``."""
    region = _REGION.match(sentence, end) if sentence.startswith(", ", end) else None
    return region is not None and not in_list(sentence, start, region.end())


def in_list(sentence: str, start: int, end: int) -> bool:
    """Whether the two names that ``sentence[start:end]`` begins and ends with are items of a list."""
    return (
        _LISTED_BEFORE.search(sentence, max(0, start - 12), start) is not None
        or _LISTED_BEHIND.match(sentence, end) is not None
    )
