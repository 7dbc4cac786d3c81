"""The release: the firmware as a board gets it, built from the sources for a start in a second.

The sources stay as people read them. The build joins the modules that a token at rest needs,
moves aside what it seldom runs (which a recorded run says), gives our names those that
the stock image holds already, and lays all of it into one archive. From below: program
(the sources, and what each name in them means), grouping (which module goes where), splitting
(what is moved aside), joining (modules become units), locals and names, source_map (text, and where
each of its lines came from), written (all of that: the same for each chip), archive, build.
"""
