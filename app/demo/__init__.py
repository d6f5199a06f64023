"""Made-up but lifelike data: a restaurant group and half a year of its inspections, or records of any type.

Everything goes through `app.actions` as the people of the story, at the moments of the story, so that demo
records carry the same numbers, fines, reasons and audit entries as real ones.
"""
