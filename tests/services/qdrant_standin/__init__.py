"""A stand-in for a Qdrant server, for tests only: real HTTP and Qdrant's REST shapes over the client's in-process mode.

It is not Qdrant. It proves that our adapter speaks the REST interface as the
OpenAPI of Qdrant 1.18 to 1.20 has it: paths, bodies (read by the client's own
models), answers, error shapes. It persists nothing, ignores payload indexes
beyond listing them, and searches by comparing with every point. What a server's
engine does is tested with Qdrant Edge, which is that engine, and with a real
server where `PICTUREDESK_TEST_QDRANT_URL` names one.
"""
