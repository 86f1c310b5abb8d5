// What is understood of the output of the peers' suites, from which docs/compatibility.md is written.

import { expect } from 'chai';
import { SuiteReport, type TestResult } from '../../scripts/peer-suite-report.js';

/** Reads pieces of output that arrive one second after another. */
function reportOf(...pieces: readonly string[]): SuiteReport {
  const report = new SuiteReport(() => undefined);
  pieces.forEach((piece, second) => {
    report.read(piece, second * 1000);
  });
  report.end(pieces.length * 1000);
  return report;
}

function verdicts(report: SuiteReport): [string, string, boolean][] {
  return report.tests.map(({ file, name, isPassed }) => [file, name, isPassed]);
}

describe('Report of a suite', () => {
  it('names every test by its file', () => {
    const report = reportOf('Testing unit: 00-base.tcl\n10:00:00> a: OK\nTesting unit: 01-conf.tcl\n10:00:01> b: OK\n');
    expect(verdicts(report)).to.deep.equal([
      ['00-base', 'a', true],
      ['01-conf', 'b', true],
    ]);
  });

  it('counts files without a test', () => {
    expect(reportOf('Testing unit: 04-empty.tcl\n').files).to.deep.equal(['04-empty']);
  });

  it('times a test from its announcement to its verdict', () => {
    const report = reportOf('Testing unit: a.tcl\n10:00:00> slow: ', 'redis/0 ', 'OK\n', 'Cleaning up...\n');
    expect(report.tests.map(({ millis }) => millis)).to.deep.equal([2000]);
  });

  it('understands output wherever it is cut', () => {
    const text =
      'Testing unit: a.tcl\n10:00:00> first: OK\n10:00:00> second: redis/0 OK\n10:00:01> third: FAILED: why\n';
    const whole = verdicts(reportOf(text));
    expect(whole).to.deep.equal([
      ['a', 'first', true],
      ['a', 'second', true],
      ['a', 'third', false],
    ]);
    for (let cut = 1; cut < text.length; cut++) {
      expect(verdicts(reportOf(text.slice(0, cut), text.slice(cut))), `cut at ${cut}`).to.deep.equal(whole);
    }
  });

  it('keeps what a failed test says, without the stack', () => {
    const text =
      'Testing unit: a.tcl\n10:00:00> bad: FAILED: caught an error in the test ERR no\nERR no\n    while executing\n"S 0 x"\n' +
      'Testing unit: b.tcl\n10:00:00> good: OK\n';
    const report = reportOf(text);
    expect(report.tests[0]?.details).to.deep.equal(['caught an error in the test ERR no', 'ERR no']);
    expect(report.tests[1]?.isPassed).to.equal(true);
  });

  it('takes a test without a verdict for failed', () => {
    const report = reportOf('Testing unit: a.tcl\n10:00:00> hangs: WARNING: Aborting the test.\n>>>> ping timeout\n');
    expect(verdicts(report)).to.deep.equal([['a', 'hangs', false]]);
    expect(report.tests[0]?.details).to.deep.equal(['WARNING: Aborting the test.', '>>>> ping timeout']);
  });

  it('remarks what is printed outside of tests unless it is routine', () => {
    const report = reportOf(
      'Starting sentinel #0 at port 20000\nTesting unit: a.tcl\n10:00:00> x: OK\nERROR: Sentinel has leaked fds to scripts:\n' +
        'Cleaning up...\nkilling stale instance 17\n(node:1) Warning: something\nWARNING 1 test(s) failed.\n',
    );
    expect(report.remarks).to.deep.equal(['ERROR: Sentinel has leaked fds to scripts:', '(node:1) Warning: something']);
  });

  it('tells of each test once, as soon as it is over', () => {
    const told: TestResult[] = [];
    const report = new SuiteReport((test) => told.push(test));
    report.read('Testing unit: a.tcl\n10:00:00> x: OK\n10:00:00> y: ', 0);
    expect(told.map(({ name }) => name)).to.deep.equal(['x']);
    report.end(5);
    expect(told.map(({ name }) => name)).to.deep.equal(['x', 'y']);
  });
});
