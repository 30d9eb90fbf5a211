# SPDX-License-Identifier: MIT
# Runs minitest files and writes each test's outcome as one JSON object a line, as record.py does.
#
# usage: ruby record.rb OUT FILE...
require "json"
require "minitest"

class Recorder < Minitest::AbstractReporter
  def initialize(out)
    super()
    @out = out
    @passed = true
  end

  def line(what)
    @out.puts(JSON.generate(what))
    @out.flush
  end

  def prerecord(klass, name)
    line(started: "#{klass}.#{name}")
  end

  def record(result)
    outcome = result.passed? ? "ok" : result.skipped? ? "skipped" : result.error? ? "error" : "failure"
    why = result.failure ? result.failure.message.lines.first(2).join(" ").strip : ""
    @passed &&= %w[ok skipped].include?(outcome)
    line(test: "#{result.klass}.#{result.name}", outcome: outcome, why: why)
  end

  def passed?
    @passed
  end

  def report
    files = File.readlines("/proc/self/maps").filter_map { |l| l[%r{/.*/libffi\.so(\.\d+)*}] }
    line(libffi: files.uniq.sort)
  end
end

out = File.open(ARGV.shift, "a")
ARGV.each { |file| require File.expand_path(file) }
Minitest.extensions << "recorder"
Minitest.define_singleton_method(:plugin_recorder_init) { |_| Minitest.reporter << Recorder.new(out) }
exit Minitest.run(["--seed", "1"])
