#pragma once
/// How many tests run at once. Referred to by a test target, so that the object is linked.
extern const char *const vestige_test_width;
