"""Comments and submissions in the shape in which Reddit's OAuth API sends them.

Source of the shapes: replies recorded by the authors of PRAW (BSD-2-Clause), see
tests/playground/fixtures/reddit/README.md.
"""

import html
from dataclasses import dataclass
from typing import Any

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_ESCAPED = ("body", "selftext", "title", "link_title")

Data = dict[str, Any]


def base36(number: int) -> str:
    """Write a positive number as Reddit writes ids."""
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits or "0"


@dataclass
class Thing:
    """One comment (``t1``) or submission (``t3``); ``removed`` takes it out of every listing."""

    kind: str
    number: int
    data: Data
    removed: bool = False

    @property
    def fullname(self) -> str:
        return f"{self.kind}_{base36(self.number)}"

    @property
    def created(self) -> float:
        return float(self.data["created_utc"])

    def wire(self, *, raw: bool) -> Data:
        """Give the thing as a listing's child; without ``raw_json=1`` Reddit escapes ``<``, ``>`` and ``&``."""
        data = dict(self.data)
        if not raw:
            data.update({key: html.escape(data[key], quote=False) for key in _ESCAPED if data.get(key)})
        return {"kind": self.kind, "data": data}


def account_id(handle: str) -> str:
    """Give the same invented ``t2_`` id for the same handle, always."""
    return "t2_" + base36(int.from_bytes(handle.lower().encode()[:6].ljust(6, b"0"), "big"))


def comment_data(
    ident: str, *, text: str, author: str, subreddit: str, created: float, link: Data, parent: str | None, score: int
) -> Data:
    """Give a comment's 69 fields; ``link`` is the data of the submission that it stands under."""
    data = _common(ident, "t1", author, subreddit, created, score) | _moderation()
    permalink = f"{link['permalink']}{ident}/"
    return data | {
        "all_awardings": [],
        "associated_award": None,
        "author_is_blocked": False,
        "awarders": [],
        "body": text,
        "body_html": f'<div class="md"><p>{html.escape(text, quote=False)}</p>\n</div>',
        "collapsed": False,
        "collapsed_because_crowd_control": None,
        "collapsed_reason": None,
        "collapsed_reason_code": None,
        "comment_type": None,
        "controversiality": 0,
        "gildings": {},
        "is_submitter": author == link["author"],
        "link_author": link["author"],
        "link_id": link["name"],
        "link_permalink": f"https://www.reddit.com{link['permalink']}",
        "link_title": link["title"],
        "link_url": link["url"],
        "no_follow": True,
        "num_comments": link["num_comments"],
        "over_18": False,
        "parent_id": parent or link["name"],
        "permalink": permalink,
        "replies": "",
        "score_hidden": False,
        "send_replies": True,
        "top_awarded_type": None,
        "total_awards_received": 0,
        "treatment_tags": [],
        "unrepliable_reason": None,
    }


def submission_data(
    ident: str, *, title: str, text: str, author: str, subreddit: str, created: float, score: int, replies: int
) -> Data:
    """Give a text submission's fields: those recorded in 2016, and the newer ones that the comments show too."""
    permalink = f"/r/{subreddit}/comments/{ident}/{_slug(title)}/"
    data = _common(ident, "t3", author, subreddit, created, score) | _moderation()
    return data | {
        "clicked": False,
        "contest_mode": False,
        "domain": f"self.{subreddit}",
        "hidden": False,
        "hide_score": False,
        "is_self": True,
        "link_flair_css_class": None,
        "link_flair_text": None,
        "media": None,
        "media_embed": {},
        "num_comments": replies,
        "over_18": False,
        "permalink": permalink,
        "removed_by_category": None,
        "secure_media": None,
        "secure_media_embed": {},
        "selftext": text,
        "selftext_html": f'<div class="md"><p>{html.escape(text, quote=False)}</p></div>' if text else None,
        "spoiler": False,
        "suggested_sort": None,
        "thumbnail": "self",
        "title": title,
        "url": f"https://www.reddit.com{permalink}",
        "visited": False,
    }


def account_data(handle: str, *, bio: str, created: float) -> Data:
    """Give the answer of ``/user/NAME/about``; the bio is the description of the account's own subreddit."""
    return {
        "kind": "t2",
        "data": {
            "id": account_id(handle).removeprefix("t2_"),
            "name": handle,
            "created_utc": created,
            "link_karma": 1,
            "comment_karma": 1,
            "is_employee": False,
            "subreddit": {"display_name": f"u_{handle}", "title": "", "public_description": bio},
        },
    }


def _common(ident: str, kind: str, author: str, subreddit: str, created: float, score: int) -> Data:
    return {
        "author": author,
        "author_flair_background_color": None,
        "author_flair_css_class": None,
        "author_flair_richtext": [],
        "author_flair_template_id": None,
        "author_flair_text": None,
        "author_flair_text_color": None,
        "author_flair_type": "text",
        "author_fullname": account_id(author),
        "author_patreon_flair": False,
        "author_premium": False,
        "created": created,
        "created_utc": created,
        "distinguished": None,
        "downs": 0,
        "edited": False,
        "gilded": 0,
        "id": ident,
        "likes": None,
        "name": f"{kind}_{ident}",
        "saved": False,
        "score": score,
        "stickied": False,
        "subreddit": subreddit,
        "subreddit_id": "t5_" + account_id(subreddit).removeprefix("t2_"),
        "subreddit_name_prefixed": f"r/{subreddit}",
        "subreddit_type": "public",
        "ups": score,
    }


def _moderation() -> Data:
    return {
        "approved_at_utc": None,
        "approved_by": None,
        "archived": False,
        "banned_at_utc": None,
        "banned_by": None,
        "can_gild": False,
        "can_mod_post": False,
        "locked": False,
        "mod_note": None,
        "mod_reason_by": None,
        "mod_reason_title": None,
        "mod_reports": [],
        "num_reports": None,
        "quarantine": False,
        "removal_reason": None,
        "report_reasons": None,
        "user_reports": [],
    }


def _slug(title: str) -> str:
    words = "".join(letter.lower() if letter.isalnum() and letter.isascii() else " " for letter in title).split()
    return "_".join(words)[:50] or "_"
