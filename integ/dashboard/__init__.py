"""Draws the lake's CloudWatch dashboard, with what a lake in the local AWS has measured."""
