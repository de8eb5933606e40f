using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Apprentice.Generation;

/// <summary>How the tests of one candidate ended.</summary>
public enum TestOutcome
{
    /// <summary>Every check held.</summary>
    Passed,

    /// <summary>A check did not hold, or the code threw.</summary>
    Failed,

    /// <summary>The limit on processor or wall time was reached; the worker was ended.</summary>
    TimedOut,

    /// <summary>The limit on memory was reached.</summary>
    OutOfMemory,

    /// <summary>More was written to the console than is allowed.</summary>
    OutputLimit,

    /// <summary>The worker died: stack overflow, exit, fatal error.</summary>
    Crashed,

    /// <summary>The tests passed or failed, but left a thread running; the worker was ended.</summary>
    LeftRunning,

    /// <summary>The code is not C#.</summary>
    Syntax,

    /// <summary>The code does not compile.</summary>
    DoesNotCompile,

    /// <summary>The code uses something outside the allow-list.</summary>
    ForbiddenApi,

    /// <summary>The code compiles, the tests against it do not.</summary>
    Signature,
}

/// <summary>Result of one run.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Message">The failing check, exception or compiler error; null when all passed.</param>
/// <param name="Milliseconds">Wall time of the tests inside the worker; 0 when they did not start or did not end.</param>
public sealed record TestRun(TestOutcome Outcome, string? Message, double Milliseconds);

/// <summary>Code and the tests to run against it.</summary>
/// <param name="Code">One or more static methods.</param>
/// <param name="Tests">Statements that call them and <c>Check</c>.</param>
public sealed record TestJob(string Code, string Tests);

/// <summary>Limits of test runs.</summary>
public sealed record TestRunnerOptions
{
    /// <summary>Worker processes at the same time. Default 2: one run is single-threaded, and the demo's machine has two cores.</summary>
    public int Workers { get; init; } = 2;

    /// <summary>Processor time one run may use. Default 1 s, many times what a sample needs; processor time, so that a busy machine changes no verdict.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Wall time one run may use, for code that waits. Default 10 s.</summary>
    public TimeSpan WallTimeLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Managed heap of a worker in MiB. Default 256.</summary>
    public int HeapMebibytes { get; init; } = 256;

    /// <summary>Runs after which a worker is replaced, so that nothing adds up. Default 250.</summary>
    public int RunsPerWorker { get; init; } = 250;

    /// <summary>Run also where the system offers no isolation, behind the allow-list alone. Default false; true is for code whose text is known, such as pinned recordings.</summary>
    public bool AllowWithoutIsolation { get; init; }

    /// <summary>Every problem with these settings, or none.</summary>
    public IEnumerable<string> Problems()
    {
        if (Workers is < 1 or > 256)
        {
            yield return $"{nameof(Workers)} is {Workers}; expected 1 to 256.";
        }

        if (TimeLimit < TimeSpan.FromMilliseconds(50))
        {
            yield return $"{nameof(TimeLimit)} is {TimeLimit}; expected at least 50 ms, the first run of a method is compiled in that time.";
        }

        if (WallTimeLimit < TimeLimit)
        {
            yield return $"{nameof(WallTimeLimit)} is {WallTimeLimit}; expected at least {nameof(TimeLimit)}, {TimeLimit}.";
        }

        if (HeapMebibytes is < 32 or > 1 << 16)
        {
            yield return $"{nameof(HeapMebibytes)} is {HeapMebibytes}; expected 32 to 65,536.";
        }

        if (RunsPerWorker < 1)
        {
            yield return $"{nameof(RunsPerWorker)} is {RunsPerWorker}; expected at least 1.";
        }
    }
}

/// <summary>Test runs cannot be started on this machine.</summary>
public sealed class TestRunnerException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is missing and what to do.</param>
    public TestRunnerException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is missing and what to do.</param>
    /// <param name="inner">The cause.</param>
    public TestRunnerException(string message, Exception inner)
        : base(message, inner)
    {
    }
}

/// <summary>Compiles candidates here and runs their tests in other processes, with limits; generated code never runs in this process.</summary>
/// <remarks>Thread-safe. The owner disposes it, which ends the workers. docs/decisions/2026-11-22-test-runs-in-a-worker-process.md says why it is built so.</remarks>
public sealed class TestRunner : IAsyncDisposable
{
    /// <summary>The hidden command by which a single-file program starts itself as a worker: it calls <c>TestWorker.Run</c> on its standard streams.</summary>
    public const string WorkerVerb = "test-worker";

    private readonly TestRunnerOptions _options;
    private readonly CSharpCompiler _compiler;
    private readonly Channel<WorkerProcess?> _slots;

    /// <summary>Prepares a runner; the first runs start the workers.</summary>
    /// <param name="options">Limits, or null for the defaults.</param>
    /// <exception cref="ArgumentException">The options have problems.</exception>
    /// <exception cref="TestRunnerException">There is no isolation on this machine and the options ask for it.</exception>
    public TestRunner(TestRunnerOptions? options = null)
        : this(options ?? new TestRunnerOptions(), CSharpCompiler.Default)
    {
    }

    internal TestRunner(TestRunnerOptions options, CSharpCompiler compiler)
    {
        string[] problems = [.. options.Problems()];
        if (problems.Length > 0)
        {
            throw new ArgumentException(string.Join(" ", problems), nameof(options));
        }

        if (!options.AllowWithoutIsolation && !Isolation.Found.Network)
        {
            throw new TestRunnerException(
                "Generated code would run without isolation: 'unshare' with user and network namespaces does not work here. "
                + "Enable unprivileged user namespaces, run in a container, or allow unisolated runs explicitly.");
        }

        _options = options;
        _compiler = compiler;
        _slots = Channel.CreateUnbounded<WorkerProcess?>();
        for (int i = 0; i < options.Workers; i++)
        {
            _slots.Writer.TryWrite(null);
        }
    }

    /// <summary>The limits in force.</summary>
    public TestRunnerOptions Options => _options;

    /// <summary>Compiles <paramref name="code"/> with <paramref name="tests"/> and runs them in a worker.</summary>
    /// <param name="code">One or more static methods.</param>
    /// <param name="tests">Statements that call them and <c>Check</c>.</param>
    /// <param name="cancellationToken">Ends the run; its worker is ended too.</param>
    /// <exception cref="TestRunnerException">No worker can be started.</exception>
    public async Task<TestRun> RunAsync(string code, string tests, CancellationToken cancellationToken = default)
    {
        CompiledCode compiled = _compiler.Compile(code, tests, cancellationToken);
        if (compiled.Assembly is null)
        {
            TestOutcome outcome = compiled.Problem switch
            {
                CompilationProblem.Syntax => TestOutcome.Syntax,
                CompilationProblem.ForbiddenApi => TestOutcome.ForbiddenApi,
                CompilationProblem.Signature => TestOutcome.Signature,
                _ => TestOutcome.DoesNotCompile,
            };
            return new TestRun(outcome, compiled.Message, 0);
        }

        WorkerProcess? worker = await _slots.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            worker ??= await WorkerProcess.StartAsync(_options, cancellationToken).ConfigureAwait(false);
            TestRun run = await worker.RunAsync(compiled.Assembly, cancellationToken).ConfigureAwait(false);
            return run;
        }
        finally
        {
            if (worker is { Usable: false })
            {
                worker.Dispose();
                worker = null;
            }

            if (!_slots.Writer.TryWrite(worker))
            {
                worker?.Dispose();
            }
        }
    }

    /// <summary>Runs many jobs on all workers and gives their results in the order of the jobs, holding few at a time.</summary>
    /// <param name="jobs">What to run.</param>
    /// <param name="cancellationToken">Ends the runs.</param>
    /// <exception cref="TestRunnerException">No worker can be started.</exception>
    public async IAsyncEnumerable<TestRun> RunAllAsync(IEnumerable<TestJob> jobs, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Queue<Task<TestRun>> pending = new();
        foreach (TestJob job in jobs)
        {
            pending.Enqueue(Task.Run(() => RunAsync(job.Code, job.Tests, cancellationToken), cancellationToken));
            if (pending.Count >= 4 * _options.Workers)
            {
                yield return await pending.Dequeue().ConfigureAwait(false);
            }
        }

        while (pending.TryDequeue(out Task<TestRun>? next))
        {
            yield return await next.ConfigureAwait(false);
        }
    }

    /// <summary>Ends the workers.</summary>
    public async ValueTask DisposeAsync()
    {
        _slots.Writer.TryComplete();
        await foreach (WorkerProcess? worker in _slots.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            worker?.Dispose();
        }
    }
}
