using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Apprentice.TestHost;

namespace Apprentice.Generation;

/// <summary>One worker process, seen from the side that asks. Not thread-safe: one run at a time.</summary>
internal sealed class WorkerProcess : IDisposable
{
    /// <summary>How often time and memory of a run are looked at.</summary>
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(50);

    /// <summary>How long a worker may take to come up on a busy machine.</summary>
    private static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(60);

    /// <summary>Clock ticks per second in /proc/PID/stat; 100 on every Linux the runtime supports.</summary>
    private const double TicksPerSecond = 100;

    private readonly TestRunnerOptions _options;
    private readonly Process _process;
    private readonly string _folder;
    private readonly StringBuilder _errors = new();
    private int _runs;
    private int? _workerId;

    private WorkerProcess(TestRunnerOptions options, Process process, string folder)
    {
        _options = options;
        _process = process;
        _folder = folder;
    }

    /// <summary>False when the worker must be replaced before the next run.</summary>
    public bool Usable { get; private set; } = true;

    /// <summary>The limits that the worker says it has set on itself.</summary>
    public string Limits { get; private set; } = "";

    /// <summary>Starts a worker and waits until it is ready.</summary>
    /// <exception cref="TestRunnerException">It does not start.</exception>
    public static async Task<WorkerProcess> StartAsync(TestRunnerOptions options, CancellationToken cancellationToken)
    {
        string folder = Directory.CreateTempSubdirectory("apprentice-worker-").FullName;
        string[] command = [.. Isolation.Prefix, .. WorkerCommand()];
        ProcessStartInfo start = new(command[0])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
            UseShellExecute = false,
            CreateNoWindow = true,
        };
        foreach (string argument in command.Skip(1))
        {
            start.ArgumentList.Add(argument);
        }

        Scrub(start.Environment, options, folder);
        Process process;
        try
        {
            process = Process.Start(start) ?? throw new TestRunnerException($"'{command[0]}' did not start.");
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            Directory.Delete(folder, recursive: true);
            throw new TestRunnerException($"The test worker '{string.Join(' ', command)}' does not start: {error.Message}", error);
        }

        WorkerProcess worker = new(options, process, folder);
        worker.DrainErrors();
        try
        {
            using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(s_startLimit);
            WorkerAnswer? ready = await WorkerProtocol.ReadAnswerAsync(process.StandardOutput.BaseStream, limit.Token).ConfigureAwait(false);
            if (ready is not { Outcome: WorkerOutcome.Ready })
            {
                process.WaitForExit(1000);
                throw new TestRunnerException($"The test worker '{string.Join(' ', command)}' ended before it was ready: {worker.LastErrors()}");
            }

            worker.Limits = ready.Message;
            WorkerProtocol.WriteRequest(process.StandardInput.BaseStream, WorkerProtocol.SharedLibrary, CSharpCompiler.CheckAssembly);
            return worker;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            worker.Dispose();
            throw new TestRunnerException($"The test worker was not ready after {s_startLimit.TotalSeconds:0} s: {worker.LastErrors()}");
        }
        catch
        {
            worker.Dispose();
            throw;
        }
    }

    /// <summary>Runs one assembly. After anything but a clean end, <see cref="Usable"/> is false.</summary>
    public async Task<TestRun> RunAsync(byte[] assembly, CancellationToken cancellationToken)
    {
        bool finished = false;
        try
        {
            TestRun run = await RunGuardedAsync(assembly, cancellationToken).ConfigureAwait(false);
            finished = true;
            Usable &= ++_runs < _options.RunsPerWorker;
            return run;
        }
        finally
        {
            Usable &= finished;
        }
    }

    /// <summary>Ends the process and removes its folder.</summary>
    public void Dispose()
    {
        Usable = false;
        try
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit(5000);
        }
        catch (InvalidOperationException)
        {
            // It has ended already.
        }

        _process.Dispose();
        try
        {
            Directory.Delete(_folder, recursive: true);
        }
        catch (IOException)
        {
            // An empty folder in the temporary folder stays behind; nothing depends on it.
        }
    }

    private async Task<TestRun> RunGuardedAsync(byte[] assembly, CancellationToken cancellationToken)
    {
        long nonce = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(8)) | 1;
        double cpuBefore = ProcessorSeconds();
        long start = Stopwatch.GetTimestamp();
        try
        {
            WorkerProtocol.WriteRequest(_process.StandardInput.BaseStream, nonce, assembly);
        }
        catch (IOException)
        {
            return Crashed();
        }

        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<WorkerAnswer?> reading = WorkerProtocol.ReadAnswerAsync(_process.StandardOutput.BaseStream, stop.Token);
        while (await Task.WhenAny(reading, Task.Delay(s_poll, cancellationToken)).ConfigureAwait(false) != reading)
        {
            cancellationToken.ThrowIfCancellationRequested();
            string? exceeded = Exceeded(start, cpuBefore, out TestOutcome outcome);
            if (exceeded is not null && !reading.IsCompleted)
            {
                Usable = false;
                await stop.CancelAsync().ConfigureAwait(false);
                return new TestRun(outcome, exceeded, 0);
            }
        }

        WorkerAnswer? answer = await reading.ConfigureAwait(false);
        if (answer is null || answer.Nonce != nonce)
        {
            return Crashed();
        }

        if (!answer.Clean)
        {
            Usable = false;
            return new TestRun(TestOutcome.LeftRunning, "a thread was left running", answer.Milliseconds);
        }

        if (answer.Outcome == WorkerOutcome.OutOfMemory)
        {
            // The heap of this worker may still be nearly full.
            Usable = false;
        }

        return answer.Outcome switch
        {
            WorkerOutcome.Passed => new TestRun(TestOutcome.Passed, null, answer.Milliseconds),
            WorkerOutcome.Failed => new TestRun(TestOutcome.Failed, answer.Message, answer.Milliseconds),
            WorkerOutcome.OutOfMemory => new TestRun(TestOutcome.OutOfMemory, $"more than {_options.HeapMebibytes} MiB", answer.Milliseconds),
            WorkerOutcome.OutputLimit => new TestRun(TestOutcome.OutputLimit, answer.Message, answer.Milliseconds),
            _ => new TestRun(TestOutcome.Crashed, $"the worker could not run it: {answer.Message}", 0),
        };
    }

    private string? Exceeded(long start, double cpuBefore, out TestOutcome outcome)
    {
        // Memory first: who fills it also uses time.
        if (ResidentBytes() > ((long)_options.HeapMebibytes << 20) + RuntimeBytes)
        {
            outcome = TestOutcome.OutOfMemory;
            return $"more than {_options.HeapMebibytes} MiB";
        }

        outcome = TestOutcome.TimedOut;
        double processor = ProcessorSeconds() - cpuBefore;
        if (processor > _options.TimeLimit.TotalSeconds)
        {
            return FormattableString.Invariant($"more than {_options.TimeLimit.TotalSeconds:0.###} s of processor time");
        }

        if (Stopwatch.GetElapsedTime(start) > _options.WallTimeLimit)
        {
            return FormattableString.Invariant($"more than {_options.WallTimeLimit.TotalSeconds:0.###} s");
        }

        return null;
    }

    /// <summary>What the runtime itself may hold beside the managed heap.</summary>
    private const long RuntimeBytes = 256L << 20;

    private TestRun Crashed()
    {
        Usable = false;
        string code = "";
        if (_process.WaitForExit(3000))
        {
            code = string.Create(CultureInfo.InvariantCulture, $" with exit code {_process.ExitCode}");
        }

        string errors = LastErrors();
        if (errors.Contains("Stack overflow", StringComparison.Ordinal))
        {
            return new TestRun(TestOutcome.Crashed, "stack overflow", 0);
        }

        if (errors.Contains("Out of memory", StringComparison.OrdinalIgnoreCase))
        {
            return new TestRun(TestOutcome.OutOfMemory, $"more than {_options.HeapMebibytes} MiB", 0);
        }

        string line = errors.Split('\n', 2)[0].Trim();
        return new TestRun(TestOutcome.Crashed, $"the worker ended{code}{(line.Length > 0 ? ": " + line : "")}", 0);
    }

    private void DrainErrors()
    {
        StreamReader errors = _process.StandardError;
        _ = Task.Run(async () =>
        {
            char[] buffer = new char[2048];
            try
            {
                int read;
                while ((read = await errors.ReadAsync(buffer).ConfigureAwait(false)) > 0)
                {
                    lock (_errors)
                    {
                        // The head tells what happened; a stack trace of a million frames does not.
                        if (_errors.Length < 4096)
                        {
                            _errors.Append(buffer, 0, read);
                        }
                    }
                }
            }
            catch (Exception error) when (error is IOException or ObjectDisposedException or InvalidOperationException)
            {
                // The process is gone.
            }
        });
    }

    private string LastErrors()
    {
        lock (_errors)
        {
            return _errors.ToString().Trim();
        }
    }

    private double ProcessorSeconds()
    {
        if (WorkerId() is { } id)
        {
            try
            {
                string stat = File.ReadAllText($"/proc/{id}/stat");
                string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                return (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException or IndexOutOfRangeException)
            {
                return 0;
            }
        }

        try
        {
            _process.Refresh();
            return _process.TotalProcessorTime.TotalSeconds;
        }
        catch (InvalidOperationException)
        {
            return 0;
        }
    }

    private long ResidentBytes()
    {
        if (WorkerId() is { } id)
        {
            try
            {
                string[] fields = File.ReadAllText($"/proc/{id}/statm").Split(' ');
                return long.Parse(fields[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException or IndexOutOfRangeException)
            {
                return 0;
            }
        }

        try
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
        catch (InvalidOperationException)
        {
            return 0;
        }
    }

    // With a process namespace the worker is the child of the process that was started here.
    private int? WorkerId()
    {
        if (_workerId is not null || !OperatingSystem.IsLinux() || !Directory.Exists("/proc/self"))
        {
            return _workerId;
        }

        int id = _process.Id;
        if (Isolation.Found.Processes)
        {
            try
            {
                string children = File.ReadAllText($"/proc/{id}/task/{id}/children").Trim();
                if (!int.TryParse(children.Split(' ')[0], CultureInfo.InvariantCulture, out id))
                {
                    return null;
                }
            }
            catch (IOException)
            {
                return null;
            }
        }

        _workerId = id;
        return id;
    }

    private static void Scrub(IDictionary<string, string?> environment, TestRunnerOptions options, string folder)
    {
        string? systemRoot = OperatingSystem.IsWindows() ? Environment.GetEnvironmentVariable("SystemRoot") : null;
        environment.Clear();
        if (systemRoot is not null)
        {
            environment["SystemRoot"] = systemRoot;
        }

        environment["PATH"] = OperatingSystem.IsWindows() ? "" : "/usr/bin:/bin:/usr/sbin:/sbin";
        environment["HOME"] = folder;
        environment["TMPDIR"] = folder;
        environment["LANG"] = "C";
        environment["DOTNET_GCHeapHardLimit"] = ((long)options.HeapMebibytes << 20).ToString("X", CultureInfo.InvariantCulture);
        environment["DOTNET_gcServer"] = "0";
        environment["DOTNET_gcConcurrent"] = "0";

        // No debugger, no dumps, no named pipes; no double mapping of code, which would count against the limit on file size.
        environment["DOTNET_EnableDiagnostics"] = "0";
        environment["DOTNET_DbgEnableMiniDump"] = "0";
        environment["DOTNET_EnableWriteXorExecute"] = "0";
        environment["DOTNET_TieredPGO"] = "0";
        environment[WorkerLimits.MemoryVariable] = (2 * options.HeapMebibytes + 768).ToString(CultureInfo.InvariantCulture);
        environment[WorkerLimits.CpuVariable] =
            ((long)(options.RunsPerWorker * options.TimeLimit.TotalSeconds) + 120).ToString(CultureInfo.InvariantCulture);
    }

    // The host's assembly lies beside this one in every build output; a single-file program has no such file and is its own worker.
    private static string[] WorkerCommand()
    {
        string host = Path.Combine(AppContext.BaseDirectory, "Apprentice.TestHost.dll");
        if (File.Exists(host) && File.Exists(Path.ChangeExtension(host, ".runtimeconfig.json")))
        {
            return [Dotnet(), "exec", host];
        }

        if (Environment.ProcessPath is { } self && !Path.GetFileNameWithoutExtension(self).Equals("dotnet", StringComparison.OrdinalIgnoreCase))
        {
            return [self, TestRunner.WorkerVerb];
        }

        throw new TestRunnerException($"'{host}' is missing: the program that runs generated code is built with Apprentice.Generation and must lie beside it.");
    }

    // shared/Microsoft.NETCore.App/VERSION lies below the folder of the dotnet command.
    private static string Dotnet()
    {
        string name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        string? runtime = Path.GetDirectoryName(typeof(object).Assembly.Location);
        string beside = Path.GetFullPath(Path.Combine(runtime ?? ".", "..", "..", "..", name));
        return File.Exists(beside) ? beside : name;
    }
}
