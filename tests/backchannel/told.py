"""The story of the empty can, as the service would have left it in the ledger."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import insert

from ledger import alerts, cases, cursors, gaps, links, mentions, outbox, steps
from ledger.database import Database
from ledger.tables import mentions as mentions_table
from matcher.linking import Candidate, Evidence, Linking, Thresholds
from matcher.verdict import Verdict, Word
from notifier.card import AlertCard, CaseLine, EvidenceLine, PostLine

NOW = datetime(2026, 3, 14, 9, 20, tzinfo=UTC)


@dataclass(frozen=True)
class Story:
    """Ids of what the told story left in the ledger."""

    alert_id: str
    mention_id: int
    case_id: str


async def tell(db: Database, **words: Any) -> Story:
    """Write a mention, its assessment, its link, two alerts, steps and a message; ``words`` change what was posted."""
    post = {**_POST, **words}
    async with db.write("story") as conn:
        await conn.execute(insert(mentions_table), [_mention(post)])
        row = await mentions.by_native_id(conn, "x", post["native_id"])
        assert row is not None
        await cursors.move(conn, {"x": post["native_id"]}, NOW)
        await gaps.record(conn, "x", "the stream was cut", NOW, since=NOW - timedelta(minutes=9), until=NOW)
        await cases.mirror(conn, [_case(one) for one in ("LM-20931", "LM-20411")], {})
        await links.record(conn, [_link(row.id)])
        await alerts.raise_once(conn, _alert(row.id, post["alert_id"]))
        await alerts.fold(conn, post["alert_id"], row.id, NOW)
        await steps.plan(conn, _steps(post["alert_id"]))
        await outbox.owe(conn, [_owed(post)])
        await alerts.raise_once(conn, {**_alert(row.id, "al_other"), "fold_key": "other", "case_id": None})
        await alerts.take(conn, "al_other", by="Jo", now=NOW - timedelta(minutes=1))
    return Story(post["alert_id"], row.id, "LM-20931")


_POST: Mapping[str, Any] = {
    "native_id": "1900000000000000001",
    "alert_id": "al_7f3k",
    "text": "My husband e-mailed @larkmoor TWO WEEKS ago about an empty can in our multipack. Nothing. Not a word. 🍺",
    "name": "Ines Hartley",
    "handle": "ineshartley",
    "url": "https://x.com/ineshartley/status/1900000000000000001",
    "sentence": "says “my husband”; the customer is Mark Hartley",
    "customer": "Mark Hartley",
    "subject": "Empty can in my multipack",
    "rule": "larkmoor",
}


def _mention(post: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "source": "x",
        "native_id": post["native_id"],
        "platform": "x",
        "brand": "Larkmoor",
        "rules": [post["rule"]],
        "url": post["url"],
        "text": post["text"],
        "lang": "en",
        "author": {"handle": post["handle"], "name": post["name"], "followers": 1204},
        "reach": {"likes": 41, "reposts": 12, "replies": 6},
        "posted_at": NOW - timedelta(minutes=22),
        "received_at": NOW - timedelta(minutes=21, seconds=58),
        "state": "settled",
        "outcome": "link",
        "settled_at": NOW - timedelta(minutes=21),
        "assessment": {
            "verdict": msgspec.to_builtins(_verdict()),
            "linking": msgspec.to_builtins(_linking(post["sentence"])),
        },
    }


def _verdict() -> Verdict:
    return Verdict(
        complaint=True,
        probability=0.97,
        kind="no_reply",
        severity=0.6,
        needs_reply=True,
        words=(Word("nothing", 1.2), Word("empty", 0.9), Word("our", -0.2)),
        lang="en",
        reason="It reads as a complaint that nobody replied (97%), most of all by “nothing”, “empty”.",
    )


def _linking(sentence: str) -> Linking:
    reasons = (
        Evidence("relation", 4.1, sentence),
        Evidence("product", 2.2, "names an empty can in a multipack; so does the case"),
        Evidence("time", 1.3, "e-mailed two weeks ago; the case was opened 9 days ago"),
        Evidence("city", -0.6, "no city is given"),
    )
    other = (
        Evidence("product", 2.0, "names an empty can; so does the case"),
        Evidence("name", -3.2, "another surname"),
    )
    return Linking(
        decision="link",
        candidates=(Candidate("LM-20931", 0.94, reasons, relation="wife", mode="auto"),),
        none_probability=0.05,
        prior=0.12,
        thresholds=Thresholds(0.85, 0.5),
        rejected=(Candidate("LM-20411", 0.01, other, differs="another surname, and answered"),),
        compared=37,
        model="shipped-1",
    )


def _case(case_id: str) -> dict[str, Any]:
    return {
        "case_id": case_id,
        "customer_id": "C-1",
        "brand": "Larkmoor",
        "channel": "email",
        "team": "E-mail team",
        "product": "Fell Pale multipack",
        "unresolved": True,
        "opened_at": NOW - timedelta(days=9, hours=4),
        "updated_at": NOW - timedelta(days=9, hours=4),
        "resolved_at": None,
        "record": b"{}",
        "mirrored_at": NOW,
    }


def _link(mention_id: int) -> dict[str, Any]:
    return {
        "mention_id": mention_id,
        "case_id": "LM-20931",
        "rank": 1,
        "probability": 0.94,
        "evidence": [],
        "basis": ["public text"],
        "relation": "wife",
        "mode": "auto",
        "model": "shipped-1",
        "made_at": NOW,
    }


def _alert(mention_id: int, alert_id: str) -> dict[str, Any]:
    return {
        "alert_id": alert_id,
        "kind": "link",
        "fold_key": f"case:LM-20931:{alert_id}",
        "case_id": "LM-20931",
        "mention_id": mention_id,
        "brand": "Larkmoor",
        "team": "E-mail team",
        "route": "e-mail cases",
        "receivers": ["email-team"],
        "policy": {},
        "state": "open",
        "raised_at": NOW - timedelta(minutes=21),
        "clock_from": NOW - timedelta(minutes=22),
        "due_at": NOW + timedelta(minutes=38),
    }


def _steps(alert_id: str) -> list[dict[str, Any]]:
    due = {"remind": NOW + timedelta(minutes=8), "escalate": NOW + timedelta(minutes=38)}
    return [{"alert_id": alert_id, "name": name, "due_at": at, "receivers": ["email-team"]} for name, at in due.items()]


def _owed(post: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "alert_id": post["alert_id"],
        "step_key": "raised",
        "receiver": "email-team",
        "kind": "new",
        "card": msgspec.json.encode(_card(post)),
        "owed_at": NOW - timedelta(minutes=21),
        "next_at": NOW,
    }


def _card(post: Mapping[str, Any]) -> AlertCard:
    return AlertCard(
        alert_id=post["alert_id"],
        version=1,
        kind="link",
        state="open",
        headline=f"Answer {post['customer']} by e-mail: a complaint about the silence is public",
        team="E-mail team",
        post=PostLine(platform="x", handle=post["handle"], text=post["text"], posted_at=NOW, name=post["name"]),
        brand="Larkmoor",
        case=CaseLine(
            case_id="LM-20931",
            customer=post["customer"],
            channel="email",
            subject=post["subject"],
            opened_at=NOW - timedelta(days=9, hours=4),
            waiting="9 days 4 h",
            probability=0.94,
            contact="answer in the e-mail thread",
            url="https://crm.example/cases/LM-20931",
        ),
        evidence_for=(
            EvidenceLine("relation", 4.1, post["sentence"]),
            EvidenceLine("product", 2.2, "names an empty can in a multipack; so does the case"),
            EvidenceLine("time", 1.3, "e-mailed two weeks ago; the case was opened 9 days ago"),
        ),
        evidence_against=(EvidenceLine("city", -0.6, "no city is given"),),
        sure="very probably (94%)",
        poster="The post was probably written by the customer's wife: the relationship is possible, not proved.",
        disclose=(
            "Say nothing about the case in public, not even that there is one.",
            "Don't confirm to the poster that her husband has a case.",
        ),
        quiet_cases=("LM-20788: e-mail case of team E-mail team, waiting 12 days 2 h",),
        deadline=NOW + timedelta(minutes=38),
    )
