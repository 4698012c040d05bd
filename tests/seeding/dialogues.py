"""What people say in generated calls: everyday words, a few complaints, a few attacks."""

from __future__ import annotations

import random

QUESTIONS = (
    "What is the weather in {city} tomorrow?",
    "Can you book a table for {n} in {city} tonight?",
    "How long does the train from {city} take?",
    "I was charged twice and want a refund of {n} euros.",
    "Please cancel order {n} and refund me.",
    "Tell me a story about a fox who lived in {city}.",
    "What does my invoice number {n} say?",
    "Wie spät ist es in {city}?",
    "Quelle est la capitale, {city} ?",
    "{city}の天気はどうですか",
    "كيف حالك اليوم؟",
)
ANSWERS = (
    "It will be sunny in {city}, with {n} degrees at noon and a light wind from the west.",
    "I have found a table for {n} in {city}. Shall I book it?",
    "About {n} minutes, with one change. The next one leaves soon.",
    "I am sorry about that. A refund of {n} euros takes five working days.",
    "Once upon a time there was a fox who lived in {city} and could count to {n}.",
    "Let me look that up for you. Your invoice {n} was paid last week.",
)
HOSTILE = (
    "<script>alert(document.cookie)</script><img src=x onerror=alert(1)>",
    "=cmd|' /C calc'!A0",
    "+SUM(1+1)*cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1,2)",
    "\t=1+1",
    '\r=HYPERLINK("http://example.org")',
    "\x1b[31mred\x1b[0m \x1b]0;title\x07 and a bell",
    "safe \u202egnp.exe\u202c \u2066isolated\u2069",
    "# not a heading\n\n![image](http://example.org/x.png) [link](javascript:alert(1))",
    "--> 00:00:00.000\n\nWEBVTT\n\nNOTE injected",
    "quotes \" and 'single', commas; semicolons, \\backslashes\\ %s %d {0}",
)
CITIES = ("Paris", "Berlin", "Nairobi", "Osaka", "Lima", "Reykjavík", "Łódź")


def question(chance: random.Random) -> str:
    return _filled(chance.choice(QUESTIONS), chance)


def answer(chance: random.Random) -> str:
    return _filled(chance.choice(ANSWERS), chance)


def hostile(chance: random.Random) -> str:
    """An attack; now and then one line of 100 kB."""
    if chance.random() < 0.02:
        return "endless" * (100_000 // 7)
    return chance.choice(HOSTILE)


def _filled(sentence: str, chance: random.Random) -> str:
    return sentence.format(city=chance.choice(CITIES), n=chance.randint(2, 90))
