// Understands what the suites of Redis and Valkey print while they run, in whatever pieces it arrives, and times each test.
// It knows nothing of processes. The idea: a test announces itself on a line that it leaves open, everything that follows belongs
// to it until a line ends in its verdict, and after a failure also what explains it.

export interface TestResult {
  /** The test file without its extension. */
  readonly file: string;
  readonly name: string;
  readonly isPassed: boolean;
  readonly millis: number;
  /** Why it failed, as the suite says it. */
  readonly details: readonly string[];
}

interface OpenTest {
  readonly file: string;
  readonly name: string;
  readonly startedAt: number;
  failedAt: number | null;
  isExplained: boolean;
  readonly details: string[];
}

const UNIT = /^Testing unit: (.*?)(\.tcl)?$/;
const TEST = /^\d\d:\d\d:\d\d> (.*?): (.*)$/;
const PASSED = /(^| )OK$/;
const FAILED = /FAILED: (.*)$/;
/** Where Tcl, having said what went wrong, begins to say in which procedure of which file. */
const STACK = /^ +while executing$/;
/** Says that a run is over; what follows is about the run, not about its last test. */
const CLEANUP = 'Cleaning up...';
/** What a run prints whether it goes well or not. */
const ROUTINE =
  /^(|Starting \w+ #\d+ at port \d+|killing stale instance \d+|GOOD! No errors\.|WARNING \d+ test\(s\) failed\.|\(Jumping to next unit after error\)|Waiting for process \d+ to exit\.\.\.)$/;

export class SuiteReport {
  readonly #onTest: (test: TestResult) => void;
  readonly #tests: TestResult[] = [];
  readonly #files: string[] = [];
  readonly #remarks: string[] = [];
  #unfinishedLine = '';
  #file = '';
  #openTest: OpenTest | null = null;

  /** `onTest` is told of every test as soon as its verdict and its explanation are complete. */
  constructor(onTest: (test: TestResult) => void) {
    this.#onTest = onTest;
  }

  get tests(): readonly TestResult[] {
    return this.#tests;
  }

  /** The test files that were begun. */
  get files(): readonly string[] {
    return this.#files;
  }

  /** Lines that belong to no test and are not routine, such as what was found on standard error after the run. */
  get remarks(): readonly string[] {
    return this.#remarks;
  }

  /** Takes the next piece of output, which arrived at `now` (milliseconds of any clock). */
  read(text: string, now: number): void {
    const lines = (this.#unfinishedLine + text).split('\n');
    this.#unfinishedLine = lines.pop() ?? '';
    for (const line of lines) this.#readLine(line, now);
    const announced = TEST.exec(this.#unfinishedLine);
    if (announced !== null) {
      this.#begin(announced[1] ?? '', now);
      this.#unfinishedLine = announced[2] ?? '';
    }
  }

  /** No more output comes. A test without a verdict has failed. */
  end(now: number): void {
    this.#readLine(this.#unfinishedLine, now);
    this.#unfinishedLine = '';
    this.#finish(now);
  }

  #readLine(line: string, now: number): void {
    const unit = UNIT.exec(line);
    const announced = TEST.exec(line);
    if (unit !== null) {
      this.#finish(now);
      this.#file = unit[1] ?? '';
      this.#files.push(this.#file);
    } else if (announced !== null) {
      this.#begin(announced[1] ?? '', now);
      this.#readVerdict(announced[2] ?? '', now);
    } else if (line === CLEANUP) {
      this.#finish(now);
    } else if (this.#openTest !== null) {
      this.#readVerdict(line, now);
    } else if (!ROUTINE.test(line)) {
      this.#remarks.push(line);
    }
  }

  #begin(name: string, now: number): void {
    this.#finish(now);
    this.#openTest = { file: this.#file, name, startedAt: now, failedAt: null, isExplained: false, details: [] };
  }

  #readVerdict(line: string, now: number): void {
    const test = this.#openTest;
    if (test === null) return;
    const failure = FAILED.exec(line);
    if (failure !== null) {
      test.failedAt ??= now;
      test.details.push(failure[1] ?? '');
    } else if (test.failedAt === null && PASSED.test(line)) {
      this.#close(test, true, now);
    } else if (STACK.test(line)) {
      test.isExplained = true;
    } else if (!test.isExplained && !ROUTINE.test(line)) {
      test.details.push(line);
    }
  }

  #finish(now: number): void {
    if (this.#openTest !== null) this.#close(this.#openTest, false, this.#openTest.failedAt ?? now);
  }

  #close(test: OpenTest, isPassed: boolean, at: number): void {
    this.#openTest = null;
    const result = {
      file: test.file,
      name: test.name,
      isPassed,
      millis: at - test.startedAt,
      details: isPassed ? [] : test.details,
    };
    this.#tests.push(result);
    this.#onTest(result);
  }
}
