#!/bin/sh
# A whole spoken turn with curl alone: say a recording, read the captions, keep the answer.
#
#   VOICEASSIST_KEY=va_… sh headless.sh question.wav
#
# The key is an API key with the scope "headless" (made in the settings), or an access token.
set -eu
BASE=${VOICEASSIST_URL:-http://127.0.0.1:8000} RECORDING=${1:?which recording?} ANSWER=${2:-answer.wav}
AUTH="Authorization: Bearer ${VOICEASSIST_KEY:?an API key}" CAPTIONS=$(mktemp)

# Start a session, listen to it, say the recording, wait for the answer, hang up: five lines.
STARTED=$(curl -sSf -X POST "$BASE/api/voice/sessions/" -H "$AUTH"); ID=${STARTED#*'"session_id":"'}; AT=$BASE/api/voice/sessions/${ID%%'"'*}
curl -sSfN "$AT/transcript" -H "$AUTH" >"$CAPTIONS" & curl -sSfN "$AT/audio.wav" -H "$AUTH" -o "$ANSWER" &
curl -sSf "$AT/audio" -H "$AUTH" -H 'Content-Type: audio/wav' --data-binary "@$RECORDING" && curl -sSf -X POST "$AT/commit" -H "$AUTH"
timeout 60 sh -c "until grep -q '\"role\":\"assistant\".*\"final\":true' '$CAPTIONS'; do sleep 0.1; done"
curl -sSf -X POST "$AT/stop" -H "$AUTH"; wait

echo; grep '"final":true' "$CAPTIONS"; rm "$CAPTIONS"
