// SPDX-License-Identifier: MIT
// Interleaved rounds, medians, and the line of JSON that carries a row to the driver.
#include "harness.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>

namespace bench {

double now_ns() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<double>(t.tv_sec) * 1e9 + static_cast<double>(t.tv_nsec);
}

static double quantile(std::vector<double> values, double q) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const double at = q * static_cast<double>(values.size() - 1);
  const size_t low = static_cast<size_t>(std::floor(at));
  const size_t high = std::min(low + 1, values.size() - 1);
  return values[low] + (values[high] - values[low]) * (at - static_cast<double>(low));
}

double median(std::vector<double> values) { return quantile(std::move(values), 0.5); }

double paired_ratio(const Figure& reference, const Figure& subject) {
  std::vector<double> ratios;
  for (size_t i = 0; i < reference.each.size() && i < subject.each.size(); i++)
    ratios.push_back(reference.each[i] / subject.each[i]);
  return median(std::move(ratios));
}

static double timed(const Variant& v, long n) {
  const double start = now_ns();
  v.run(n);
  return now_ns() - start;
}

// Doubles the batch until it lasts long enough for the clock's own cost to vanish in it.
static long calibrate(const Variant& v, double batch_ns) {
  if (v.fixed > 0) {
    v.run(v.fixed);
    return v.fixed;
  }
  long n = 1;
  for (;;) {
    const double t = timed(v, n);
    if (t >= batch_ns / 2 || n >= 1L << 30)
      return std::max(1L, static_cast<long>(static_cast<double>(n) * batch_ns / std::max(t, 1.0)));
    n *= 2;
  }
}

std::vector<Figure> measure(const std::vector<Variant>& variants, const Options& options) {
  const size_t count = variants.size();
  std::vector<long> batch;
  for (const Variant& v : variants) batch.push_back(calibrate(v, options.batch_ns));

  std::vector<Figure> figures(count);
  for (int round = 0; round < options.rounds; round++)
    for (size_t i = 0; i < count; i++) {
      const size_t at = (i + static_cast<size_t>(round)) % count;
      figures[at].each.push_back(timed(variants[at], batch[at]) / static_cast<double>(batch[at]));
    }
  for (size_t i = 0; i < count; i++) {
    Figure& f = figures[i];
    f.name = variants[i].name;
    f.ns = median(f.each);
    f.spread = f.ns > 0 ? (quantile(f.each, 0.75) - quantile(f.each, 0.25)) / f.ns : 0;
  }
  return figures;
}

void report(const std::string& group, const std::string& row, bool core,
            const std::vector<Figure>& figures, const std::string& reference) {
  const Figure* base = nullptr;
  for (const Figure& f : figures)
    if (f.name == reference) base = &f;
  std::printf("{\"group\": \"%s\", \"row\": \"%s\", \"core\": %s, \"figures\": {", group.c_str(),
              row.c_str(), core ? "true" : "false");
  const char* comma = "";
  for (const Figure& f : figures) {
    std::printf("%s\"%s\": {\"ns\": %.3f, \"spread\": %.3f", comma, f.name.c_str(), f.ns, f.spread);
    if (base != nullptr) std::printf(", \"ratio\": %.4f", paired_ratio(*base, f));
    std::printf("}");
    comma = ", ";
  }
  std::printf("}}\n");
  std::fflush(stdout);
}

}  // namespace bench
