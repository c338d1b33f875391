"""Reads of the indicators room."""

VIEW = "indicators.view_indicator"
EXPORT = "indicators.export_indicator"
SNAPSHOT = "indicators.take_snapshot"
PUBLISH = "indicators.publish_month"
