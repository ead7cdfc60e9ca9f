"""Names that are an actor's in one sentence and something else's in another; the sentences are our own."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from model.actors import ActorList
from model.codebook import Codebook
from model.homonyms import Homonyms
from model.reading import Reading
from model.text import find_mention
from tests.conftest import CODEBOOK_TEXT, ROOT


class Resolver:
    """Resolves under a codebook, as the labeller does."""

    def __init__(self, codebook: Codebook) -> None:
        self.actors = ActorList(codebook)
        self._homonyms = Homonyms(codebook, self.actors)

    def read(self, sentence: str) -> Reading:
        return Reading(self._homonyms, sentence, self.actors.find(sentence))

    def __call__(self, sentence: str, mention: str, number: int = 0) -> str | None:
        start = max(find_mention(sentence, mention), sentence.index(mention))
        for _ in range(number):
            start = sentence.index(mention, start + 1)
        return self.read(sentence).resolve(start, start + len(mention))


@pytest.fixture(scope="module")
def resolve() -> Resolver:
    return Resolver(Codebook.load(ROOT / "data/annotations/codebook.yaml"))


GEORGIA = [
    "Russia has kept troops in Georgia since the war of 2008.",
    "Georgia's foreign minister flew to Brussels to press for a date at which talks with the EU might begin.",
    "Protesters in Tbilisi accused the rulers of Georgia of drifting back into Moscow's arms.",
    "NATO's envoy said Georgia would one day be a member.",
    "Armenia and Georgia agreed to reopen the pass before the snow came.",
    "Patrols along the line that parts Georgia from South Ossetia were doubled overnight.",
    "The Russia-Georgia border stayed shut for a third week.",
    "Georgia recalled its ambassador from Kyiv.",
    "Saakashvili swore that he would return to Georgia by sea.",
    "GEORGIA ACCUSES RUSSIA OF MOVING FENCE",
    "Observers from the OSCE called the vote in Georgia marred by pressure.",
    "The former Soviet republic of Georgia sent a battalion to the mission.",
]
NOT_GEORGIA = [
    "Senate runoffs in Georgia will decide which party holds the chamber.",
    "The governor of Georgia, a Republican, signed the bill behind closed doors.",
    "Police in Atlanta, Georgia, arrested two men over the fire.",
    "Volunteers knocked on doors across Georgia and North Carolina until the polls closed.",
    "A professor at Georgia Tech warned that the drones could be hijacked.",
    "Her aunt Georgia Pemberton had marched in Selma.",
    "The US state of Georgia purged a hundred thousand voters from its rolls.",
    "Soldiers from Fort Stewart, Georgia, were told to pack for Poland.",
    "Georgia Democrats hope that turnout in Savannah will save them.",
    "Mr. Perdue, who was born in Macon, said Georgia needed jobs.",
    "The Georgia Bureau of Investigation took over the case.",
    "A county sheriff in Georgia refused to hand over the ballots.",
]
JORDAN = [
    "King Abdullah of Jordan warned that the strip could not be emptied.",
    "Jordan's King Abdullah flew home early.",
    "Syria and Jordan traded prisoners at the crossing near Deraa.",
    "Israel gave back to Jordan the remains of two border guards.",
    "Jordan's army shot down a drone that carried pills.",
    "The Jordanian capital was calm, and Jordan denied that any base had been hit.",
    "Half a million Syrians have found shelter in Jordan.",
    "Egypt, Jordan and Qatar urged Hamas to accept the draft.",
    "Amman insists that Jordan will not take in anyone else.",
    "The bomber was to hang in Jordan for the attack on the hotel, the Hashemite court said.",
    "The U.S. pilots flew from a base in Jordan against Islamic State.",
    "US-Jordan talks on the air bridge went on behind closed doors.",
]
NOT_JORDAN = [
    "The shoes that Michael Jordan wore in the final were sold for a million dollars.",
    "Rep. Jordan accused the prosecutor of bias.",
    "His brother Jordan, a welder, identified the body.",
    "Jim Jordan of Ohio failed to win the gavel on the first ballot.",
    "Her lawyer, Vernon Jordan, had the president's ear.",
    "The film is by Jordan Peele.",
    "Mr. Jordan declined to say who had paid for the flight.",
    "A spokesman for Jordan Matthews denied that he had fought in Syria.",
    "The pilgrims waded into the Jordan River at dawn.",
    "Capt. Louise Jordan led the rescue.",
    "At a rally in Columbus, the chairman of the House Judiciary Committee said Jordan would have his vote.",
    "Nike cut ties with the dealer who had hoarded Jordan sneakers.",
]
CHAD = [
    "Chad closed its border with Sudan after the raid.",
    "Talks went on in neighbouring Chad.",
    "Nigeria, Niger and Chad pooled their troops against Boko Haram.",
    "The junta in Chad put off the vote by two years.",
    "France pulled its last jets out of Chad.",
    "N'Djamena said Chad had lost forty men.",
    "Refugees from Darfur crossed into Chad at night.",
    "President Idriss Deby ruled Chad for thirty years.",
    "Chadian radio reported that the east of Chad was under curfew.",
    "The Chad government denied that it had armed the rebels.",
    "Chad's army chased the raiders for two days.",
    "Libya-Chad smuggling routes were bombed.",
]
NOT_CHAD = [
    "Chad Wolf resigned as acting secretary a week before the inauguration.",
    "The receiver Chad Johnson joked about the fine.",
    "Her boyfriend Chad drove the car.",
    "Mr. Chad called the vote a sham.",
    "The waters of Lake Chad have shrunk by nine tenths.",
    "Sgt. Daniel Chad was buried with honours.",
    "A neighbour, Chad Emerson, heard three shots.",
    "Chad, his roommate, told the court that he had seen nothing.",
    "The count turned on the dimpled chad of a punch card, and a ballot that Chad had found.",
    "The singer Chad Kroeger cancelled the tour.",
    "Our cameraman Chad Ferris filed this report from Kyiv.",
    "Her brother Chad had been in the army.",
]
TURKEY = [
    "Turkey said it would not let the ship pass.",
    "Erdogan told parliament that Turkey needed no one's leave.",
    "Greece and Turkey agreed to keep their jets apart.",
    "Turkey's lira fell again.",
    "Migrants who had walked across eastern Turkey were turned back.",
    "Kurdish fighters shelled a post inside Turkey.",
    "Sweden waited for Turkey to ratify its bid.",
    "Washington and Ankara quarrelled, but Turkey kept the missiles.",
    "On Monday Turkey's President Recep Tayyip Erdogan called the vote a farce.",
    "Turkish jets struck a depot, and Turkey gave no reason.",
    "He fled to Turkey with the money.",
    "TURKEY SHOOTS DOWN DRONE NEAR BORDER",
]
NOT_TURKEY = [
    "Turkey with gravy and cranberry sauce was flown out to the troops.",
    "The president pardoned a bird at the Turkey Pardon on the lawn.",
    "He ordered the Turkey Sandwich and left no tip.",
    "Roast Turkey and stuffing were served in the mess hall.",
    "She runs the Turkey Trot every November.",
    "The sign above the deli read: 'Turkey and Swiss, two dollars off'.",
    "The farm sells turkeys, and Turkey Leg Sunday is its busiest day.",
    "A bottle of Wild Turkey stood on the general's desk.",
    "The recipe for Turkey soup hung over the oven.",
    "They found the car at the bottom of Turkey Creek.",
    "Turkey, ham or bacon: the menu at the summit left little to chance.",
    "Mayor Thomas Turkey lost his seat.",
]
WASHINGTON = [
    "Washington and Ankara have not spoken for a month.",
    "Beijing accused Washington of stirring up its neighbours.",
    "The envoy flew to Washington, D.C., on Sunday.",
    "The marchers reached Washington DC at noon.",
    "Washington said the sanctions would stay.",
    "Iran will not bow to Washington's demands.",
    "In Washington, the spokesman declined to comment.",
    "WASHINGTON (Reuters) - The senators walked out.",
    "Talks between Pyongyang and Washington broke down.",
    "He met the ambassador in Washington Tuesday.",
    "Nobody in Washington expects the bill to pass.",
    "The Kremlin wants Washington to lift the ban first.",
]
NOT_WASHINGTON = [
    "The Washington Post first reported the raid.",
    "A statue of George Washington was pulled down.",
    "Fires in Washington state drove hundreds from their homes.",
    "The state of Washington sued over the order.",
    "Mr. Washington said the police had shot first.",
    "The film stars Denzel Washington.",
    "Booker T. Washington dined at the White House.",
    "Mr. Inslee of Washington called the ban cruel.",
    "A professor at the University of Washington doubts the count.",
    "The Washington Times printed the letter.",
    "In Seattle, Washington, the port stood still.",
    "Her lawyer, Kerry Washington, walked out.",
]
NAMED = [
    (name, actor, sentence)
    for name, actor, sentences in (
        ("Georgia", "georgia", GEORGIA),
        ("Jordan", "jordan", JORDAN),
        ("Chad", "chad", CHAD),
        ("Turkey", "turkey", TURKEY),
        ("Washington", "united-states", WASHINGTON),
        ("Georgia", None, NOT_GEORGIA),
        ("Jordan", None, NOT_JORDAN),
        ("Chad", None, NOT_CHAD),
        ("Turkey", None, NOT_TURKEY),
        ("Washington", None, NOT_WASHINGTON),
    )
    for sentence in sentences
]


@pytest.mark.parametrize(("name", "actor", "sentence"), NAMED)
def test_a_homonym_is_resolved_by_its_sentence(resolve: Resolver, name: str, actor: str | None, sentence: str) -> None:
    written = name if name in sentence else name.upper()
    assert resolve(sentence, written) == actor


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("Georgia", "Georgia police said that two men had been held."),
        ("Georgia", "Georgia lawmakers voted to condemn Hamas."),
        ("Georgia", "Georgia will vote on Sunday."),
        ("Georgia", "Nothing in Georgia surprised him."),
        ("Georgia", "Students from Ukraine and Poland who live in Atlanta, Georgia, marched."),
        ("Jordan", "Jordan said he was ready."),
        ("Jordan", "Everyone waited for Jordan."),
        ("Chad", "Chad refused to comment."),
        ("Chad", "They asked Chad for help."),
        ("Turkey", "The Syrian cook served Turkey and stuffing."),
        ("Washington", "Seattle wants Washington to pay."),
    ],
)
def test_it_stays_unresolved_where_nobody_can_tell(resolve: Resolver, name: str, sentence: str) -> None:
    assert resolve(sentence, name) is None


def test_each_mention_is_read_where_it_stands(resolve: Resolver) -> None:
    sentence = "Michael Jordan, who visited the king of Jordan in Amman, flew home."
    assert [resolve(sentence, "Jordan", number) for number in range(2)] == [None, "jordan"]
    sentence = "Washington denied what The Washington Post had reported."
    assert [resolve(sentence, "Washington", number) for number in range(2)] == ["united-states", None]
    sentence = "Around Lake Chad, troops from Niger and Chad burnt the boats."
    assert [resolve(sentence, "Chad", number) for number in range(2)] == [None, "chad"]


def test_a_surname_stands_for_the_person_throughout(resolve: Resolver) -> None:
    sentence = "The referee warned Michael Jordan, and Jordan walked off."
    assert [resolve(sentence, "Jordan", number) for number in range(2)] == [None, None]


@pytest.mark.parametrize(
    ("mention", "sentence", "actor"),
    [
        ("Jordan's government", "Jordan's government fell after the riots in Amman.", "jordan"),
        ("Turkish", "Turkish jets struck at dawn.", "turkey"),
        ("Turkish forces", "Turkish forces struck at dawn.", "turkey"),
        ("Georgian", "Georgian troops came home.", "georgia"),
        ("Jordanian", "The Jordanian capital was calm.", "jordan"),
        ("Republic of Chad", "Envoys of the Republic of Chad signed.", "chad"),
        ("Washington Post", "The Washington Post reported it.", None),
        ("Michael Jordan", "Michael Jordan sued.", None),
        ("Tbilisi", "Tbilisi denied it.", "georgia"),
        ("Amman", "Amman denied it.", "jordan"),
        ("N'Djamena", "N'Djamena denied it.", "chad"),
        ("Ankara", "Ankara denied it.", "turkey"),
        ("Erdoğan", "Erdoğan denied it.", "recep-tayyip-erdogan"),
        ("President Erdogan", "President Erdogan denied it.", "recep-tayyip-erdogan"),
        ("Marvin Quimby", "Marvin Quimby denied it.", None),
        ("Society of Lamplighters", "The Society of Lamplighters denied it.", None),
    ],
)
def test_other_forms_resolve_as_ever(resolve: Resolver, mention: str, sentence: str, actor: str | None) -> None:
    assert resolve(sentence, mention) == actor


def test_without_homonyms_the_mention_decides() -> None:
    plain = Codebook.load(ROOT / "data/annotations/codebook.yaml").model_copy(update={"homonyms": ()})
    assert Resolver(plain)("Michael Jordan smiled.", "Jordan") == "jordan"


@pytest.mark.parametrize("space", [" ", "\n", "  "])
def test_a_homonym_of_several_words_is_one_across_a_line_break(space: str) -> None:
    text = CODEBOOK_TEXT + "homonyms:\n  - {form: Mara Voss, actor: mara-voss, usual: false}\n"
    name = f"Mara{space}Voss"
    assert Resolver(Codebook.model_validate(yaml.safe_load(text)))(f"He liked {name} very much.", name) is None


def test_a_codebook_of_ones_own_may_have_homonyms() -> None:
    text = (
        CODEBOOK_TEXT + "homonyms:\n  - {form: Voss, actor: mara-voss, signs: [cabinet], other_signs: [river Voss]}\n"
    )
    resolve = Resolver(Codebook.model_validate(yaml.safe_load(text)))
    assert resolve("The cabinet of Voss fell.", "Voss") == "mara-voss"
    assert resolve("The army of Arland crossed the river Voss.", "Voss") is None
    assert resolve("Arland said that Voss must go.", "Voss") == "mara-voss"
    assert resolve("Nobody heard Voss.", "Voss") is None


@pytest.mark.parametrize(
    ("sentence", "mention", "actor"),
    [
        ("In Lima, Congress voted to impeach the president.", "Congress", None),
        ("Peru's president dissolved Congress.", "Congress", None),
        ("Congress approved the aid to Kyiv.", "Congress", "us-congress"),
        ("The House of Representatives in Canberra condemned China.", "House of Representatives", None),
        ("Senate Democrats blocked the bill.", "Democrats", "democratic-party"),
        ("The Christian Democrats of Bavaria blocked the bill.", "Democrats", None),
        ("RSF, the press freedom group, condemned the arrests.", "RSF", None),
        ("The RSF took El Fasher.", "RSF", "rapid-support-forces"),
        ("R.S.F., the press freedom group, condemned the arrests.", "R.S.F.", None),
        ("The R.S.F. took El Fasher.", "R.S.F.", "rapid-support-forces"),
        ("Japan's SDF sent two ships.", "SDF", None),
        ("Wagner's opera was played in the garden.", "Wagner", None),
        ("Shoigu disarmed Wagner.", "Wagner", "wagner-group"),
        ("New Zealand's Labour Party blamed the bank.", "Labour Party", None),
        ("Hamilton criticised the ministers.", "Hamilton", None),
        ("Bermuda's premier said that Hamilton would not pay.", "Hamilton", "bermuda"),
        ("The president's National Security Council met.", "Security Council", None),
        ("The Security Council met.", "Security Council", "un-security-council"),
        ("Mrs. Obama planted beans.", "Obama", None),
        ("Mr. Obama planted beans.", "Obama", "barack-obama"),
        ("Mrs Thatcher refused.", "Thatcher", "margaret-thatcher"),
        ("New Jersey sued.", "Jersey", None),
        ("RUSSIAN TROOPS LEFT", "US", None),
        ("Two Israelis left.", "Israeli", None),
    ],
)
def test_names_that_hold_a_form_or_share_it(sentence: str, mention: str, actor: str | None, resolve: Resolver) -> None:
    assert resolve(sentence, mention) == actor


@pytest.mark.parametrize(
    ("mention", "sentence", "actor"),
    [
        ("Paris", "A factory in Paris, Texas, makes shells for Ukraine.", None),
        ("Lebanon", "The family from Lebanon, Pa., blamed Iran.", None),
        ("Moscow", "Moscow, ID, is far from Russia.", None),
        ("Hamilton", "Hamilton, Ontario, sent aid to Ukraine.", None),
        ("Athens", "Police in Athens, Georgia, said so.", None),
        ("Georgia", "Police in Athens, Georgia, said so.", None),
        ("Georgia", "The mayor of Rome, Georgia, praised Israel.", None),
        ("Georgia", "Athens, Georgia and Armenia signed.", "georgia"),
        ("Georgia", "It ships to Tbilisi, Georgia, by way of Turkey.", "georgia"),
        ("Tripoli", "Soldiers in Tripoli, Lebanon, fired back.", None),
        ("Tripoli", "Tripoli denied it.", "libya"),
        ("Mexico", "Canada, Mexico, California and Texas agreed.", "mexico"),
        ("Moscow", "Between Moscow, Iran and Damascus little was said.", "russia"),
        ("Rome", "The Rome Statute binds them.", None),
        ("Vienna", "The Vienna Convention protects them.", None),
        ("Taiwan", "Taiwan Semiconductor warned of a war.", None),
        ("Iran", "Iran Foreign Ministry rejected it.", "iran"),
        ("Iran", "Iran Deputy Foreign Minister Araqchi rejected it.", "iran"),
        ("Israel", "Israel Air Force jets struck.", "israel"),
        ("Rome", "In Rome Matteo Salvini rejected it.", "italy"),
        ("Russia", "On Tuesday Russia Tuesday.", "russia"),
        ("Germany", "Germany Rejects Call From France To Send More Troops", "germany"),
        ("U.S.", "The U.S. Patriot batteries arrived.", "united-states"),
        ("Washington", "He lives in Washington, DC, and works.", "united-states"),
        ("West", "They heard Kanye West sing.", None),
        ("West", "West Virginia sued.", None),
        ("West", "The West has betrayed Ukraine.", "the-west"),
        ("Commonwealth", "Virginia, officially a Commonwealth, sent troops.", None),
        ("Brussels police", "Brussels police arrested a man.", None),
        ("Brussels", "Brussels accused Hungary of blocking aid.", "european-union"),
        ("Foreign Office", "The Foreign Office condemned it.", "united-kingdom"),
        ("Foreign Office", "The Foreign Office in Berlin condemned it.", None),
        ("The Hague", "The Hague froze Dutch arms sales.", "netherlands"),
        ("The Hague", "The Hague issued a warrant for Putin.", None),
        ("Victoria", "Victoria's premier banned the march.", None),
        ("Male", "Male soldiers were separated from the others.", None),
        ("Malé", "Malé told the Maldives' guests to leave.", "maldives"),
        ("Kiwi", "Kiwi fruit exports to China fell.", None),
        ("Kingston", "Kingston, New York, raised a flag.", None),
        ("Georgetown", "Georgetown University banned the march.", None),
        ("Georgetown", "Georgetown said that Guyana would not yield.", "guyana"),
    ],
)
def test_a_place_is_not_its_namesake(resolve: Resolver, mention: str, sentence: str, actor: str | None) -> None:
    assert resolve(sentence, mention) == actor


@given(
    st.lists(st.sampled_from(["Jordan", "Mr", ".", "Washington", "D", "C", "-", "and", "Syria", "'s", "\n", "King"]))
)
def test_every_match_of_any_sentence_resolves_to_its_actor_or_to_none(words: list[str]) -> None:
    sentence = " ".join(words)
    reading = _KNOWN.read(sentence)
    for match in _KNOWN.actors.find(sentence):
        assert reading.resolve(match.start, match.end) in (match.actor, None)


_KNOWN = Resolver(Codebook.load(ROOT / "data/annotations/codebook.yaml"))


@pytest.mark.parametrize(
    ("sentence", "mention", "actor"),
    [
        ("The USS Ronald Reagan sailed into the Gulf.", "Ronald Reagan", None),
        ("Two drones were shot down by the USS Dwight D. Eisenhower.", "Dwight D. Eisenhower", None),
        ("HMS London and the U.S.S. America lay at anchor.", "London", None),
        ("HMS London and the U.S.S. America lay at anchor.", "America", None),
        ("USS Cole sailors met Ronald Reagan.", "Ronald Reagan", "ronald-reagan"),
    ],
)
def test_a_ship_is_not_whom_it_is_called_after(
    resolve: Resolver, sentence: str, mention: str, actor: str | None
) -> None:
    assert resolve(sentence, mention) == actor
