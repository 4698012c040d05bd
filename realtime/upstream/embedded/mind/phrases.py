"""The rules themselves: each reads one turn and answers, or passes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from realtime.upstream.embedded.mind.words import (
    NUMBER_PATTERN,
    plain_words,
    read_number,
    spell_number,
)
from realtime.upstream.embedded.ports import Speaker, Utterance

_NOT_A_NAME = {"not", "a", "an", "the", "sorry", "fine", "here", "good", "what", "going", "so"}


@dataclass(frozen=True, slots=True)
class Turn:
    """`words` is what was asked, plain; `talk` every message so far, that one last."""

    words: str
    talk: tuple[Utterance, ...]
    now: datetime

    def earlier(self, speaker: Speaker) -> list[str]:
        """Non-empty earlier messages of one speaker, newest first; not the one being answered."""
        texts = [entry.text for entry in self.talk if entry.speaker is speaker and entry.text]
        return list(reversed(texts[:-1] if speaker is Speaker.USER else texts))

    def joined_with_unanswered(self) -> Turn | None:
        """A pause may have cut one sentence into two turns: the last user messages as one."""
        run: list[str] = []
        for entry in reversed(self.talk):
            if entry.speaker is not Speaker.USER:
                break
            run.insert(0, plain_words(entry.text))
        if len(run) < 2:
            return None
        return replace(self, words=" ".join(run[-3:]))


Rule: TypeAlias = Callable[[Turn], str | None]


def _matches(turn: Turn, pattern: str) -> re.Match[str] | None:
    return re.search(rf"\b(?:{pattern})\b", turn.words)


def what_is_my_name(turn: Turn) -> str | None:
    if not _matches(turn, "what is my name|who am i|do you (?:know|remember) (?:my name|me)"):
        return None
    for text in turn.earlier(Speaker.USER):
        name = _name_in(plain_words(text))
        if name:
            return f"Your name is {name}."
    return "You have not told me your name yet."


def my_name_is(turn: Turn) -> str | None:
    name = _name_in(turn.words)
    return f"Nice to meet you, {name}." if name else None


def _name_in(words: str) -> str | None:
    found = re.search(r"\b(?:my name is|call me|i am called)\s+(?P<name>\w[\w']*)", words)
    found = found or re.fullmatch(r"(?:hello |hi )?(?:i am|this is)\s+(?P<name>\w[\w']*)", words)
    if not found or found["name"] in _NOT_A_NAME:
        return None
    return found["name"].capitalize()


def who_are_you(turn: Turn) -> str | None:
    asked = "who are you|what are you|your name|are you (?:an? )?(?:ai|human|robot|real|bot)"
    if not _matches(turn, f"{asked}|what can you do|help"):
        return None
    return (
        "I am the demo voice: English, rules, not AI. I know the time and the day, arithmetic up "
        "to twenty, your name, a story, and how to count to twenty."
    )


def what_time(turn: Turn) -> str | None:
    if not _matches(turn, "what time|the time|what is the hour"):
        return None
    return f"It is {turn.now.strftime('%I:%M %p').lstrip('0')}."


def what_day(turn: Turn) -> str | None:
    if not _matches(turn, "what day|what date|the date|today's date|what is today"):
        return None
    return f"Today is {turn.now.strftime('%A')}, {turn.now.strftime('%B')} {turn.now.day}."


def arithmetic(turn: Turn) -> str | None:
    number = f"(?:minus )?(?:{NUMBER_PATTERN})"
    sum_of = re.search(
        rf"\b(?P<a>{number}) (?P<sign>plus|minus|times|multiplied by|divided by) (?P<b>{number})\b",
        turn.words,
    )
    if not sum_of:
        return None
    a, b = (_signed(sum_of[side]) for side in "ab")
    sign = sum_of["sign"]
    said = f"{sum_of['a']} {sign} {sum_of['b']}".capitalize()
    if sign == "divided by":
        if b == 0:
            return "Nothing can be divided by zero."
        whole, rest = divmod(a, b)
        remainder = f" remainder {spell_number(rest)}" if rest else ""
        return f"{said} is {spell_number(whole)}{remainder}."
    result = a + b if sign == "plus" else a - b if sign == "minus" else a * b
    return f"{said} is {spell_number(result)}."


def _signed(words: str) -> int:
    if words.startswith("minus "):
        return -_signed(words.removeprefix("minus "))
    return read_number(words) or 0


def count(turn: Turn) -> str | None:
    found = _matches(turn, rf"count (?:from one )?(?:up )?to (?P<end>{NUMBER_PATTERN})")
    if not found:
        return None
    end = read_number(found["end"]) or 0
    if end < 1:
        return "I count upwards from one."
    counted = ", ".join(spell_number(number) for number in range(1, end + 1))
    return f"{counted.capitalize()}."


def story(turn: Turn) -> str | None:
    if not _matches(turn, "story"):
        return None
    return (
        "Once upon a time a lighthouse keeper lived alone on a small grey rock. Every evening she "
        "lit the lamp, and every morning she put it out. One night the fog was so thick that even "
        "the lamp could not be seen. So she opened the window and began to sing. A fishing boat "
        "heard her, turned away from the rocks, and came home safely. From then on, whenever there "
        "was fog, the whole harbour listened for her voice. The end."
    )


def repeat_that(turn: Turn) -> str | None:
    if not _matches(turn, "repeat that|say that again|what did you say|repeat please|pardon"):
        return None
    earlier = turn.earlier(Speaker.ASSISTANT)
    return f"I said: {earlier[0].strip()}" if earlier else "I have not said anything yet."


def what_did_i_say(turn: Turn) -> str | None:
    if not _matches(turn, "what did i (?:just )?say|what have i said|what did i (?:just )?ask"):
        return None
    earlier = turn.earlier(Speaker.USER)
    return f"You said: {earlier[0].strip()}" if earlier else "You have not said anything yet."


def lights(turn: Turn) -> str | None:
    found = _matches(turn, r"turn (?P<way>on|off) the lights?(?: in the (?P<room>\w+))?")
    if not found:
        return None
    where = f" in the {found['room']}" if found["room"] else ""
    return f"No light is connected, but I would turn {found['way']} the light{where} for you."


def weather(turn: Turn) -> str | None:
    found = _matches(turn, r"weather(?: like)?(?: today)?(?: in (?P<city>\w+))?")
    if not found:
        return None
    where = f" in {found['city'].capitalize()}" if found["city"] else ""
    return f"I have no weather report{where}: no weather function is connected."


def go_forward(turn: Turn) -> str | None:
    found = _matches(turn, rf"go forward (?P<far>{NUMBER_PATTERN}) (?P<unit>met(?:er|re)s?)")
    return f"Going forward {found['far']} {found['unit']}." if found else None


def card(turn: Turn) -> str | None:
    found = _matches(
        turn,
        r"(?P<rank>ace|two|three|four|five|six|seven|eight|nine|ten|jack|queen|king) of "
        r"(?P<suit>clubs|diamonds|hearts|spades)",
    )
    return f"The {found['rank']} of {found['suit']}. A good card." if found else None


def stop(turn: Turn) -> str | None:
    return (
        "Okay."
        if re.fullmatch(r"(?:please )?(?:stop|be quiet|quiet)(?: it)?", turn.words)
        else None
    )


def thanks(turn: Turn) -> str | None:
    return "You are welcome." if _matches(turn, "thank you|thanks") else None


def goodbye(turn: Turn) -> str | None:
    return (
        "Goodbye! It was nice talking to you." if _matches(turn, "goodbye|good bye|bye") else None
    )


def greeting(turn: Turn) -> str | None:
    found = _matches(turn, "hello|hi|hey|greeting|good (?P<part>morning|afternoon|evening)")
    if not found:
        return None
    hello = f"Good {found['part']}" if found["part"] else "Hello"
    return f"{hello}! This is the demo voice: English, rules, not AI. How can I help?"


def say_after(turn: Turn) -> str | None:
    found = re.fullmatch(r"(?:please )?(?:say|repeat(?: after me)?) (?P<what>.+)", turn.words)
    return f"{found['what'].capitalize()}." if found else None


RULES: tuple[Rule, ...] = (
    what_is_my_name,
    my_name_is,
    what_did_i_say,
    repeat_that,
    arithmetic,
    count,
    what_time,
    what_day,
    weather,
    lights,
    story,
    go_forward,
    card,
    stop,
    who_are_you,
    thanks,
    goodbye,
    greeting,
    say_after,
)
