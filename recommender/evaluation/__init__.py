"""Evaluation against known-similar pairs: judgements → metrics, intervals, chance, baseline → report, gate.

Everything here works on plain data, so that any ranking can be measured, whatever made it.
"""
