"""Delivered: messages reach people, never twice."""
