"`python -m gancourse doctor` is the console command `gancourse doctor`."
import sys

from gancourse.cli import main

sys.exit(main())
