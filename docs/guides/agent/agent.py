"""An agent for Outdial: talks as the dispatch says, and tells what came of the call.

    pip install "livekit-agents[silero]~=1.8"
    LIVEKIT_URL=… LIVEKIT_API_KEY=… LIVEKIT_API_SECRET=… python agent.py dev
"""

import asyncio
import json
import logging
import os
from datetime import datetime, timezone
from typing import Literal

import aiohttp
from livekit.agents import AMD, Agent, AgentServer, AgentSession, JobContext, RunContext, cli, function_tool, inference
from livekit.agents.utils.participant import wait_for_participant_attribute

log = logging.getLogger("outdial-agent")
server = AgentServer()


class Call:
    """What Outdial told about the call, and the way to tell it what came of it."""

    def __init__(self, metadata: str) -> None:
        self.brief: dict = json.loads(metadata or "{}")
        self.answers: dict[str, str] = {}
        self.final: dict = {}
        self.tries = 5
        self.pending: set[asyncio.Task] = set()

    async def report(self, id: str, **what) -> None:
        """What came of the call; several reports are put together."""
        await self._tell("url", id, what)

    def report_line(self, line: dict) -> None:
        """What was just said, for people who follow the call while it goes on."""
        task = asyncio.create_task(self._tell("transcript_url", line["id"], {"lines": [{**line, "isFinal": True}]}))
        self.pending.add(task)
        task.add_done_callback(self.pending.discard)

    async def _tell(self, where: str, id: str, what: dict) -> None:
        """Repeats what got no answer: the same id is stored once."""
        to = self.brief.get("report", {})
        if where not in to:
            return
        body = {"id": id, "at": datetime.now(timezone.utc).isoformat(), **what}
        headers = {"authorization": f"Bearer {to['token']}"}
        for attempt in range(self.tries):
            try:
                timeout = aiohttp.ClientTimeout(total=3)
                async with aiohttp.ClientSession(timeout=timeout) as http:
                    async with http.post(to[where], json=body, headers=headers) as answer:
                        if answer.status < 500:
                            if answer.status >= 400:
                                log.error("%s was refused: %s", id, await answer.text())
                            return
            except (aiohttp.ClientError, asyncio.TimeoutError) as error:
                log.warning("%s did not arrive: %r", id, error)
            await asyncio.sleep(0.2 * 2**attempt)

    def instructions(self) -> str:
        questions = "\n".join(f"- {question}" for question in self.brief.get("questions", []))
        return (
            f"{self.brief.get('prompt', '')}\n\n"
            + (f"Ask these questions, one at a time, and save each answer:\n{questions}\n\n" if questions else "")
            + "You are on the telephone: speak in short sentences, without lists or symbols. "
            "If the person does not want to be called again, use do_not_call at once. "
            "Before you say goodbye, use record_outcome. When the conversation is over, use end_call."
        )


class Caller(Agent):
    def __init__(self, call: Call, ctx: JobContext) -> None:
        super().__init__(instructions=call.instructions())
        self.call = call
        self.ctx = ctx

    @function_tool
    async def save_answer(self, context: RunContext, question: str, answer: str) -> str:
        """Save what the person answered to one of the questions, in the question's own words."""
        self.call.answers[question] = answer
        return "Saved."

    @function_tool
    async def do_not_call(self, context: RunContext) -> str:
        """Use this the moment the person asks not to be called again."""
        self.call.final["outcome"] = "do_not_call"
        # At once: from here on nobody of the workspace calls this number.
        await self.call.report("do-not-call", outcome="do_not_call")
        return "Noted. Apologise, say that nobody will call again, and end the call."

    @function_tool
    async def record_outcome(
        self,
        context: RunContext,
        outcome: Literal["interested", "not_interested", "callback", "wrong_number"],
        summary: str,
        callback_at: str | None = None,
    ) -> str:
        """Record what the conversation came to.

        Args:
            outcome: What it came to.
            summary: One sentence for a person who was not there.
            callback_at: Only with callback: when, as ISO 8601 with offset, such as 2026-03-02T15:00:00+01:00.
        """
        self.call.final["summary"] = summary
        if self.call.final.get("outcome") != "do_not_call":
            self.call.final["outcome"] = outcome
            if outcome == "callback" and callback_at:
                self.call.final["callbackAt"] = callback_at
        return "Recorded."

    @function_tool
    async def end_call(self, context: RunContext) -> str:
        """Hang up. Say goodbye before."""
        await context.wait_for_playout()
        await self.ctx.delete_room()
        return "The call has ended."


SPEAKERS = {"assistant": "agent", "user": "callee"}


def line_of(item) -> dict | None:
    """A line of the transcript; None for what was not said, such as the use of a tool."""
    if item.type != "message" or item.role not in SPEAKERS or not item.text_content:
        return None
    at = datetime.fromtimestamp(item.created_at, timezone.utc).isoformat()
    return {"id": item.id, "speaker": SPEAKERS[item.role], "text": item.text_content, "at": at}


def transcript_of(session: AgentSession) -> list[dict]:
    lines = [line_of(item) for item in session.history.items]
    return [{key: line[key] for key in ("speaker", "text", "at")} for line in lines if line]


async def is_machine(session: AgentSession, identity: str) -> bool:
    """Waits for the answer and listens to the first words. Whoever hangs up before is not a machine."""
    async with AMD(session, participant_identity=identity, ivr_detection=False) as detector:
        return (await detector.execute()).category.startswith("machine")


async def leave_message(session: AgentSession, call: Call) -> None:
    """What the campaign wants where a machine answers: hang up, or leave a message before."""
    call.final = {"outcome": "voicemail", "summary": "A machine answered."}
    message = call.brief.get("voicemail_message")
    if call.brief.get("voicemail") == "leave_message" and message:
        words = " ".join(filter(None, [call.brief.get("ai_disclosure"), message]))
        await session.say(words, allow_interruptions=False).wait_for_playout()


@server.rtc_session(agent_name=os.environ.get("AGENT_NAME", "outdial-agent"))
async def entrypoint(ctx: JobContext) -> None:
    call = Call(ctx.job.metadata)
    session = AgentSession(
        # LiveKit Inference; take what the assistant of Outdial names, or models of your own.
        stt=inference.STT(call.brief.get("stt", {}).get("model", "deepgram/nova-3")),
        llm=inference.LLM(call.brief.get("llm", {}).get("model", "openai/gpt-4.1-mini")),
        tts=inference.TTS(call.brief.get("tts", {}).get("model", "cartesia/sonic-3")),
    )

    async def tell_the_rest() -> None:
        # Outdial waits ten seconds for it after the end of the call.
        await asyncio.gather(*call.pending)
        await call.report("end", transcript=transcript_of(session), answers=call.answers, **call.final)

    @session.on("conversation_item_added")
    def tell_line(event) -> None:
        if line := line_of(event.item):
            call.report_line(line)

    ctx.add_shutdown_callback(tell_the_rest)
    await session.start(agent=Caller(call, ctx), room=ctx.room)

    # The callee is in the room from dialing on; sip.callStatus tells when somebody has picked up.
    callee = await ctx.wait_for_participant()
    looks_for_machines = call.brief.get("direction") != "inbound" and call.brief.get("voicemail", "continue") != "continue"
    if looks_for_machines and await is_machine(session, callee.identity):
        await leave_message(session, call)
        await ctx.delete_room()
        return
    try:
        await wait_for_participant_attribute(
            ctx.room, identity=callee.identity, attribute="sip.callStatus", value="active"
        )
    except RuntimeError:
        return ctx.shutdown("nobody answered")
    # Word for word, and nobody can cut it short: where the law wants people to know, they have to hear it.
    if disclosure := call.brief.get("ai_disclosure"):
        session.say(disclosure, allow_interruptions=False)
    if call.brief.get("greeting"):
        session.say(call.brief["greeting"])
    else:
        session.generate_reply(instructions="Greet the person and say who you are and why you call.")


if __name__ == "__main__":
    cli.run_app(server)
