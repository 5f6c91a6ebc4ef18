"""`python -m roar_core` is `roar`."""

from roar_core.cli.main import main

if __name__ == "__main__":
    main()
