// A command that cannot do what it was asked for, in words for the operator.

export class CommandFailure extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CommandFailure';
  }
}
