"""Evidence 材料: one dictionary of fields, materials and certificates, and what was handed in of them.

The dictionary is data (``packs/*/evidence.yaml``): what a thing is called, who issues it, how long it holds, and which fact
or held file already tells it, so that nobody is asked for what the county holds. A row binds a dictionary id to a subject
and to a file (kept by its content) or a value; who entered it never verifies it. It knows no stages and no rooms.
"""
