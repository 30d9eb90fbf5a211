// SPDX-License-Identifier: MIT
// Pages whose word counts: what they say is not to be said by somebody else before the first use.
#pragma once

// The section of zeroed pages that the loader makes read-only; who writes there opens and closes them.
#define READ_ONLY_FROM_LOADING ".data.rel.ro"
