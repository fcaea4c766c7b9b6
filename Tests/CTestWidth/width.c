// Swift Testing starts every test at once unless it is told otherwise. Hundreds of open data directories on a few cores starve the threads
// that must look at the epoch each second, and the tests find what no host would meet. An environment that says otherwise wins.
#include "width.h"
#include <stdlib.h>

const char *const vestige_test_width = "6";

__attribute__((constructor)) static void bound(void) {
    setenv("SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH", vestige_test_width, 0);
}
