"""What is said to the ears when they are judged: every phrasebook slot, and English outside it."""

from __future__ import annotations

from realtime.upstream.embedded.ears.phrasebook import CITIES, NAMES, RANKS, ROOMS, SUITS

SUMS = (
    "one plus one", "two plus two", "three minus one", "four times five", "six plus eleven",
    "seven times eight", "nine minus four", "ten plus twelve", "eleven times three",
    "twelve minus seven", "thirteen plus fourteen", "fourteen minus thirteen",
    "fifteen times sixteen", "sixteen plus five", "seventeen minus eighteen",
    "eighteen times nineteen", "nineteen plus twenty", "twenty minus fifteen", "eight times six",
    "five plus ten", "twelve times nine", "twenty plus seventeen",
)  # fmt: skip

SPOKEN = (
    "hello",
    *(f"good {time}" for time in ("morning", "afternoon", "evening")),
    *(f"my name is {name}" for name in NAMES),
    "what is my name",
    "who are you",
    "what time is it",
    "what day is it",
    *(f"what is {sum_}" for sum_ in SUMS),
    "count to ten",
    "count to twenty",
    "tell me a story",
    "repeat that",
    "what did i say",
    *(f"turn {state} the light" for state in ("on", "off")),
    *(f"turn {state} the light in the {room}" for state in ("on", "off") for room in ROOMS),
    *(f"what is the weather in {city}" for city in CITIES),
    "go forward ten meters",
    *(f"{rank} of {SUITS[place % len(SUITS)]}" for place, rank in enumerate(RANKS)),
    "ten of clubs",
    "thank you",
    "stop",
    "goodbye",
)
"""Every sentence form with every slot value at least once; sums are a sample."""

FREE = (
    "the quick brown fox jumps over the lazy dog",
    "please order two tickets for the concert on friday",
    "my sister went to the market to buy some bread",
    "i would like a table for four people tonight",
    "how do i get to the central station from here",
    "the meeting has been moved to next wednesday",
    "can you recommend a good book about history",
    "it was raining all day so we stayed at home",
    "send an email to my manager about the report",
    "the children are playing football in the garden",
    "what is the capital of france",
    "play some music from the nineties",
    "remind me to call my mother tomorrow",
    "the train to berlin leaves at half past nine",
    "she sells sea shells by the sea shore",
    "we need more milk and eggs for breakfast",
    "how old is the president of the united states",
    "i forgot my umbrella at the office yesterday",
    "could you speak a little more slowly",
    "water boils at one hundred degrees",
    "the weather was lovely in the mountains",
    "my friend lives in a small village near the coast",
    "open the window and close the door",
    "what is your favourite colour",
    "he bought a new car last summer",
    "i do not understand the question",
    "this is the best coffee in the whole city",
    "they have been married for thirty years",
    "do you know a joke about computers",
    "where did you put the keys",
    "the doctor told me to drink more water",
    "set an alarm for seven in the morning",
    "nobody knows what will happen next",
    "we walked along the river until sunset",
    "thanks a lot for helping me with this problem",
    "how much does a ticket cost",
    "i think we should leave before midnight",
    "an apple a day keeps the doctor away",
    "the library is closed on sundays",
    "book a flight to new york for two people",
)
"""English no phrasebook sentence says, some of it close to one."""
