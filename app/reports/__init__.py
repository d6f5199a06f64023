"""Report templates and data -> HTML -> PDF, charts, photos. Data comes as plain mappings."""

from app.reports.charts import ChartData, Series, chart_svg
from app.reports.errors import EngineMismatch, ImageRejected, ReportError, ReportFailed, ReportTemplateFault
from app.reports.formats import UNSET, FieldOptions, format_value, money_text, number_text
from app.reports.furniture import Furniture
from app.reports.grid import Cell, Column, Grid, Row, Section
from app.reports.images import prepare_photo, prepare_signature
from app.reports.printed import Pdf
from app.reports.printing import render_pdf
from app.reports.template_checks import check_templates, template_includes
from app.reports.templates import (
    Assets,
    Manner,
    Paper,
    Photo,
    Signature,
    default_layout,
    render_report,
)

__all__ = [
    "UNSET",
    "Assets",
    "Cell",
    "ChartData",
    "Column",
    "EngineMismatch",
    "FieldOptions",
    "Furniture",
    "Grid",
    "ImageRejected",
    "Manner",
    "Paper",
    "Pdf",
    "Photo",
    "ReportError",
    "ReportFailed",
    "ReportTemplateFault",
    "Row",
    "Section",
    "Series",
    "Signature",
    "chart_svg",
    "check_templates",
    "default_layout",
    "format_value",
    "money_text",
    "number_text",
    "prepare_photo",
    "prepare_signature",
    "render_pdf",
    "render_report",
    "template_includes",
]
