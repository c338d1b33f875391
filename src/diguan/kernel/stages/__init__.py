"""Stages 阶段: how a subject moves, as data: a pipeline of stages or a graph of tasks, every step behind a gate.

A **flow** 流程 is one YAML document (``packs/*/stages``). A **course** 办理 is one subject's way through one frozen version of
a flow; a **task** 环节 is one step of it, a **passage** 流转 one move. A **gate** is what it takes for a step to be reached (a
stage) or done (a task): facts by a rule, evidence by the dictionary, a role, another person than the doer, a clock. A course
keeps no state of its own: it follows from its tasks. What a subject is belongs to the rooms; here it is a kind and an id.
"""
