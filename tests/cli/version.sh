# What depends on the machine is left out.
firn version | head -1
firn --version | head -1
