// The testing kit: databases of their own for tests.
