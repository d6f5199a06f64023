"""Expressions: one parser and type-checker, three readers that agree (Python, SQL, JavaScript).

    text -> parse -> check -> Expression -> compile_python | to_sql | to_javascript

The SQL reader is in `app.expressions.sql`, so that nothing else needs a database library.
"""

from app.expressions.check import check as check
from app.expressions.codes import CODES as CODES
from app.expressions.compile import Expression as Expression
from app.expressions.compile import browser_faults as browser_faults
from app.expressions.compile import browser_ready as browser_ready
from app.expressions.compile import compile_expression as compile_expression
from app.expressions.compile import sql_faults as sql_faults
from app.expressions.compile import sql_ready as sql_ready
from app.expressions.core import Lookup as Lookup
from app.expressions.core import Node as Node
from app.expressions.core import NotReadable as NotReadable
from app.expressions.core import counts_working_days as counts_working_days
from app.expressions.domains import Domain as Domain
from app.expressions.domains import Domains as Domains
from app.expressions.evaluate import compile_lookup as compile_lookup
from app.expressions.evaluate import compile_python as compile_python
from app.expressions.evaluate import evaluate as evaluate
from app.expressions.evaluate import evaluate_lookup as evaluate_lookup
from app.expressions.evaluate import holds as holds
from app.expressions.evaluate import scope_with as scope_with
from app.expressions.functions import FUNCTIONS as FUNCTIONS
from app.expressions.javascript_reader import RUNTIME as RUNTIME
from app.expressions.javascript_reader import to_browser as to_browser
from app.expressions.javascript_reader import to_javascript as to_javascript
from app.expressions.parse import parse as parse
from app.expressions.registered import REGISTRY as REGISTRY
from app.expressions.tree import MAX_ROWS as MAX_ROWS
from app.expressions.tree import Tree as Tree
from app.expressions.types import ANY as ANY
from app.expressions.types import BOOLEAN as BOOLEAN
from app.expressions.types import DATE as DATE
from app.expressions.types import DATETIME as DATETIME
from app.expressions.types import DURATION as DURATION
from app.expressions.types import EMPTY as EMPTY
from app.expressions.types import NUMBER as NUMBER
from app.expressions.types import PERIOD as PERIOD
from app.expressions.types import TEXT as TEXT
from app.expressions.types import TIME as TIME
from app.expressions.types import ChoicesType as ChoicesType
from app.expressions.types import ChoiceType as ChoiceType
from app.expressions.types import Environment as Environment
from app.expressions.types import LinesType as LinesType
from app.expressions.types import LinksType as LinksType
from app.expressions.types import LinkType as LinkType
from app.expressions.types import Period as Period
from app.expressions.types import Schema as Schema
from app.expressions.types import Signature as Signature
from app.expressions.types import Type as Type
from app.expressions.worlds import example as example
from app.expressions.worlds import implies as implies
from app.expressions.worlds import possible as possible
