"""`python -m rag.cli …`: as `picturedesk …`."""

from rag.cli import main

if __name__ == "__main__":
    main()
