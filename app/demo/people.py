"""The sample organisation: units, posts, about sixty people, and the accounts to log in with."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
)
WOMEN = (
    "静怡",
    "雨欣",
    "梦琪",
    "晓燕",
    "丽华",
    "秀英",
    "佳慧",
    "思远",
    "春梅",
    "玉兰",
    "雅婷",
    "海霞",
    "文娟",
    "芳",
)
MEN = (
    "志强",
    "建国",
    "浩然",
    "子轩",
    "俊杰",
    "宇航",
    "德胜",
    "国栋",
    "永康",
    "文博",
    "立新",
    "海涛",
    "磊",
    "鹏飞",
)
RESTAURANTS = (
    ("滨江店", "R01", 0.05),
    ("朝阳路店", "R02", 0.08),
    ("大学城店", "R03", 0.12),
    ("高新店", "R04", 0.06),
    ("老街店", "R05", 0.16),
    ("南湖店", "R06", 0.09),
)
"""Name, code, and how often an item fails there at the beginning of the story."""

STAFF = (
    ("店长", "management"),
    ("前厅主管", "management"),
    ("厨师长", "management"),
    ("服务员", "service"),
    ("服务员", "service"),
    ("服务员", "service"),
    ("迎宾员", "service"),
    ("厨师", "kitchen"),
    ("厨师", "kitchen"),
)
"""Posts of one restaurant, the head first; the others answer to the supervisor of the hall or the kitchen."""


@dataclass
class Someone:
    """A person of the story. superior: key of the direct superior; account: log-in name, if any."""

    key: str
    name: str
    gender: str
    unit: str
    post: str
    kind: str
    superior: str | None
    roles: tuple[str, ...] = ("employee",)
    account: str = ""
    number: str = ""
    id: int = 0


@dataclass
class Place:
    """A unit of the story. worry: how often an item fails there."""

    key: str
    title: str
    code: str
    kind: str
    parent: str | None
    head: str | None
    worry: float = 0.0
    id: int = 0


@dataclass
class Organisation:
    """Units and people by key, parents before children."""

    units: dict[str, Place] = field(default_factory=dict)
    people: dict[str, Someone] = field(default_factory=dict)

    def of_unit(self, unit: str, *kinds: str) -> list[Someone]:
        """The people of a unit, of these kinds of posts (all when none is named)."""
        return [one for one in self.people.values() if one.unit == unit and (not kinds or one.kind in kinds)]


OFFICE = (
    # key, name, gender, unit, post, superior, roles, account
    ("boss", "顾长河", "male", "hq", "总经理", None, ("general_manager",), "gm"),
    ("hr_manager", "沈静", "female", "hr", "人事部经理", "boss", ("hr_manager",), "hrm"),
    ("hr_lead", "许文慧", "female", "hr", "督查主管", "hr_manager", ("hr_supervisor",), "hr"),
    ("inspector1", "陆鸣", "male", "hr", "督查员", "hr_lead", ("inspector",), "inspector"),
    ("inspector2", "祁玥", "female", "hr", "督查员", "hr_lead", ("inspector",), ""),
    ("keeper", "温如玉", "female", "hr", "乐捐专人", "hr_manager", ("fund_keeper",), "keeper"),
    ("admin_head", "石磊", "male", "admin", "行政事业部负责人", "boss", ("unit_head",), ""),
    ("admin_clerk", "贺喆", "male", "admin", "行政专员", "admin_head", ("employee",), ""),
    ("it", "方堃", "male", "hq", "系统管理员", "boss", ("administrator",), "admin"),
)


def make_organisation(rnd: random.Random) -> Organisation:
    """The same organisation for the same seed."""
    made = Organisation()
    made.units["hq"] = Place("hq", "示例餐饮管理公司", "HQ", "company", None, "boss")
    made.units["hr"] = Place("hr", "人事部", "HR", "department", "hq", "hr_manager")
    made.units["admin"] = Place("admin", "行政事业部", "ADM", "department", "hq", "admin_head")
    for key, name, gender, unit, post, superior, roles, account in OFFICE:
        made.people[key] = Someone(key, name, gender, unit, post, "office", superior, roles, account)
    names = _names(rnd, {one.name for one in made.people.values()})
    for title, code, worry in RESTAURANTS:
        made.units[code] = Place(code, title, code, "restaurant", "hq", f"{code}-0", worry)
        for number, (post, kind) in enumerate(STAFF):
            made.people[f"{code}-{number}"] = _staff(names, code, number, post, kind)
    for number, one in enumerate(made.people.values(), 1):
        one.number = f"E{number:04d}"
    return made


def _staff(names: Iterator[tuple[str, str]], code: str, number: int, post: str, kind: str) -> Someone:
    name, gender = next(names)
    superior = "boss" if number == 0 else f"{code}-0" if kind == "management" else ""
    if not superior:
        superior = f"{code}-2" if kind == "kitchen" else f"{code}-1"
    first = code == RESTAURANTS[0][1]
    account = {0: "head", 3: "staff"}.get(number, "") if first else ""
    roles = ("unit_head",) if number == 0 else ("employee",)
    return Someone(f"{code}-{number}", name, gender, code, post, kind, superior, roles, account)


def _names(rnd: random.Random, taken: set[str]) -> Iterator[tuple[str, str]]:
    while True:
        gender = rnd.choice(("female", "male"))
        name = rnd.choice(SURNAMES) + rnd.choice(WOMEN if gender == "female" else MEN)
        if name not in taken:
            taken.add(name)
            yield name, gender
