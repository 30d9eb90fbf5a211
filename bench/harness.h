// SPDX-License-Identifier: MIT
// The paired harness: measures several variants of one operation in interleaved rounds.
//
// Every round runs each variant once, in rotating order, so whatever else the machine does meets
// all of them alike. A figure is the median over rounds; a ratio is the median of the rounds' own
// ratios.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace bench {

struct Options {
  int rounds = 101;
  double batch_ns = 60e3;  // aimed length of one timed batch
};

struct Variant {
  std::string name;
  std::function<void(long)> run;  // performs the operation that many times
  long fixed = 0;                 // > 0: always this many operations in a batch, never calibrated
};

struct Figure {
  std::string name;
  double ns = 0;             // median per operation
  double spread = 0;         // interquartile range over the median
  std::vector<double> each;  // per round, for paired ratios
};

double now_ns();
double median(std::vector<double> values);

// Median over rounds of reference/subject: above 1 the subject is the faster one.
double paired_ratio(const Figure& reference, const Figure& subject);

std::vector<Figure> measure(const std::vector<Variant>& variants, const Options& options);

// One line of JSON on stdout for one row; `reference` names the variant that ratios refer to.
// `unit` says what `ns` of the figures counts, and `core` whether the row belongs to the goal's
// set.
void report(const std::string& group, const std::string& row, bool core,
            const std::vector<Figure>& figures, const std::string& reference);

}  // namespace bench
