"""Tests of the chains room."""
