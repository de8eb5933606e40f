using System.Diagnostics;

namespace Apprentice.Generation.Tests;

public sealed class TestRunnerTests(TestRunnerTests.Runners runners) : IClassFixture<TestRunnerTests.Runners>
{
    private const string Add = "public static int Add(int a, int b)\n{\n    return a + b;\n}";

    /// <summary>One runner as users have it, and one without the allow-list, to see what the walls behind it hold.</summary>
    public sealed class Runners : IAsyncLifetime
    {
        public TestRunner Guarded { get; } = new(new TestRunnerOptions { TimeLimit = TimeSpan.FromSeconds(0.5), WallTimeLimit = TimeSpan.FromSeconds(60), AllowWithoutIsolation = true });

        internal TestRunner Unguarded { get; } = new(
            new TestRunnerOptions { Workers = 1, TimeLimit = TimeSpan.FromSeconds(0.5), WallTimeLimit = TimeSpan.FromSeconds(60), HeapMebibytes = 64, AllowWithoutIsolation = true },
            new CSharpCompiler(refuseForbidden: false));

        public ValueTask InitializeAsync() => ValueTask.CompletedTask;

        public async ValueTask DisposeAsync()
        {
            await Guarded.DisposeAsync();
            await Unguarded.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("Check.Equal(3, Add(1, 2));", TestOutcome.Passed, null)]
    [InlineData("Check.Equal(4, Add(1, 2));", TestOutcome.Failed, "Expected 4, got 3: Add(1, 2)")]
    [InlineData("Check.True(Add(1, 1) == 3);", TestOutcome.Failed, "Expected true: Add(1, 1) == 3")]
    [InlineData("throw new InvalidOperationException(\"x\");", TestOutcome.Failed, "InvalidOperationException: x")]
    [InlineData("Check.Equal(3, Sum(1, 2));", TestOutcome.Signature, "tests line 1: CS0103 The name 'Sum' does not exist in the current context")]
    public async Task Run_OrdinaryTests_GivesTheirResult(string tests, TestOutcome expected, string? message)
    {
        TestRun run = await runners.Guarded.RunAsync(Add, tests);
        Assert.Equal(expected, run.Outcome);
        Assert.Equal(message, run.Message);
    }

    [Theory]
    [InlineData("public static int F() { while (true) { } }", TestOutcome.TimedOut, "processor time")]
    [InlineData("public static int F() { return F() + F(); }", TestOutcome.Crashed, "stack overflow")]
    [InlineData("public static int F() { List<int[]> all = new(); while (true) all.Add(new int[100000]); }", TestOutcome.OutOfMemory, "MiB")]
    [InlineData("public static int F() { while (true) Console.WriteLine(\"again and again\"); }", TestOutcome.OutputLimit, "characters")]
    [InlineData("public static int F() { while (true) try { while (true) Console.Write(\"again\"); } catch (Exception) { } }", TestOutcome.TimedOut, "processor time")]
    [InlineData("public static int F() { int zero = 0; return 1 / zero; }", TestOutcome.Failed, "DivideByZeroException")]
    [InlineData("static int s = Fail(); static int Fail() => throw new FormatException(\"early\"); public static int F() => s;", TestOutcome.Failed, "FormatException: early")]
    public async Task Run_CodeThatMisbehaves_EndsInAVerdictAndTheNextRuns(string code, TestOutcome expected, string message)
    {
        TestRun run = await runners.Guarded.RunAsync(code, "Check.Equal(1, F());");
        Assert.Equal(expected, run.Outcome);
        Assert.Contains(message, run.Message);
        Assert.Equal(TestOutcome.Passed, (await runners.Guarded.RunAsync(Add, "Check.Equal(3, Add(1, 2));")).Outcome);
    }

    [Theory]
    [InlineData("public static int F() { Environment.Exit(0); return 1; }", TestOutcome.Crashed, "exit code 0")]
    [InlineData("public static int F() { Environment.FailFast(\"now\"); return 1; }", TestOutcome.Crashed, "")]
    [InlineData("public static int F() { new Thread(() => { while (true) { } }) { IsBackground = true }.Start(); return 1; }", TestOutcome.LeftRunning, "thread")]
    [InlineData("public static int F() { new Thread(() => throw new Exception()).Start(); Thread.Sleep(300); return 1; }", TestOutcome.Crashed, "")]
    [InlineData("public static int F() { File.WriteAllText(\"here.txt\", \"text\"); return 1; }", TestOutcome.Failed, "Exception")]
    [InlineData("public static int F() { File.WriteAllText(Path.Combine(Path.GetTempPath(), \"apprentice-test.txt\"), \"text\"); return 1; }", TestOutcome.Failed, "Exception")]
    [InlineData("public static int F() { using var o = Console.OpenStandardOutput(); o.Write(new byte[40]); o.Flush(); return 1; }", TestOutcome.Crashed, "")]
    [InlineData("public static int F() { Console.WriteLine(Environment.GetEnvironmentVariable(\"APPRENTICE_TEST_SECRET\")!.Length); return 1; }", TestOutcome.Failed, "NullReference")]
    [InlineData("public static int F() { GC.AllocateUninitializedArray<byte>(int.MaxValue / 2); return 1; }", TestOutcome.OutOfMemory, "MiB")]
    [InlineData("public static int F() { System.Runtime.InteropServices.Marshal.AllocHGlobal((nint)2 << 30); return 1; }", TestOutcome.OutOfMemory, "MiB")]
    public async Task Run_WithoutTheAllowList_TheWorkerStillHolds(string code, TestOutcome expected, string message)
    {
        Environment.SetEnvironmentVariable("APPRENTICE_TEST_SECRET", "secret");
        TestRun run = await runners.Unguarded.RunAsync(code, "Check.Equal(1, F());");
        Assert.True(expected == run.Outcome, $"{run.Outcome}: {run.Message}");
        Assert.Contains(message, run.Message);
        Assert.Equal(TestOutcome.Passed, (await runners.Unguarded.RunAsync(Add, "Check.Equal(3, Add(1, 2));")).Outcome);
    }

    [Fact]
    public async Task Run_NetworkCallerWithoutTheAllowList_ReachesNothing()
    {
        Assert.SkipUnless(Isolation.Found.Network, "There are no network namespaces here.");
        System.Net.Sockets.TcpListener listener = new(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        try
        {
            int port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
            string code = $"public static int F() {{ using var c = new System.Net.Sockets.TcpClient(); c.Connect(\"127.0.0.1\", {port}); return 1; }}";
            TestRun run = await runners.Unguarded.RunAsync(code, "Check.Equal(1, F());");
            Assert.Equal(TestOutcome.Failed, run.Outcome);
            Assert.Contains("SocketException", run.Message);
        }
        finally
        {
            listener.Stop();
        }
    }

    [Fact]
    public async Task Run_ChildThatOutlivesItsParent_EndsWithTheWorker()
    {
        Assert.SkipUnless(Isolation.Found.Processes, "There are no process namespaces here.");
        const string Code = "public static int F() { System.Diagnostics.Process.Start(\"/bin/sh\", [\"-c\", \"setsid sleep 98.7654 & exit\"]).WaitForExit(); Environment.Exit(3); return 1; }";
        await runners.Unguarded.RunAsync(Code, "Check.Equal(1, F());");
        await runners.Unguarded.RunAsync(Add, "Check.Equal(3, Add(1, 2));");
        string[] left = [.. Directory.GetDirectories("/proc").Where(d => int.TryParse(Path.GetFileName(d), out _)).Select(CommandLine).Where(c => c.Contains("98.7654", StringComparison.Ordinal))];
        Assert.Empty(left);
    }

    [Fact]
    public async Task Run_CodeThatWaits_EndsAtTheWallLimit()
    {
        await using TestRunner runner = new(new TestRunnerOptions { Workers = 1, TimeLimit = TimeSpan.FromSeconds(0.4), WallTimeLimit = TimeSpan.FromSeconds(0.5), AllowWithoutIsolation = true });
        TestRun run = await runner.RunAsync("public static int F() { object gate = new(); lock (gate) { Monitor.Wait(gate); } return 1; }", "F();");
        Assert.Equal(TestOutcome.TimedOut, run.Outcome);
        Assert.Equal("more than 0.5 s", run.Message);
    }

    [Fact]
    public void Options_WithProblems_AreRefusedAllAtOnce()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => new TestRunner(new TestRunnerOptions { Workers = 0, HeapMebibytes = 1, RunsPerWorker = 0 }));
        Assert.Contains("Workers is 0", error.Message);
        Assert.Contains("HeapMebibytes is 1", error.Message);
        Assert.Contains("RunsPerWorker is 0", error.Message);
    }

    /// <summary>Not a test but a timing, run by name: checks per second of distinct small candidates, one in forty an endless loop.</summary>
    [Fact(Explicit = true)]
    public async Task Benchmark_720Candidates()
    {
        await using TestRunner runner = new(new TestRunnerOptions { AllowWithoutIsolation = true });
        await runner.RunAsync(Add, "Check.Equal(3, Add(1, 2));");
        SeedFunction[] seeds = [.. Samples.All];
        TestJob[] jobs = [.. Enumerable.Range(0, 720).Select(i => i % 40 == 39
            ? new TestJob($"public static int F() {{ int x = {i}; while (true) x++; }}", "Check.Equal(1, F());")
            : new TestJob(seeds[i % 3].Code + $"\npublic static int Unused{i}() => {i};", seeds[i % 3].Tests + $" Check.Equal({i}, Unused{i}());"))];
        using Process self = Process.GetCurrentProcess();
        double cpu = self.TotalProcessorTime.TotalSeconds;
        long start = Stopwatch.GetTimestamp();
        Dictionary<TestOutcome, int> outcomes = [];
        await foreach (TestRun run in runner.RunAllAsync(jobs))
        {
            outcomes[run.Outcome] = outcomes.GetValueOrDefault(run.Outcome) + 1;
        }

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        self.Refresh();
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{seconds:0.0} s, {720 / seconds:0} checks/s; {self.TotalProcessorTime.TotalSeconds - cpu:0.0} s of processor time here; {string.Join(", ", outcomes)}; {Isolation.Found.Description}");
    }

    [Fact]
    public async Task RunAll_ManyJobs_KeepsTheirOrder()
    {
        TestJob[] jobs = [.. Enumerable.Range(0, 40).Select(i => new TestJob(Add, $"Check.Equal({(i % 3 == 0 ? 0 : i)}, Add({i}, 0));"))];
        int at = 0;
        await foreach (TestRun run in runners.Guarded.RunAllAsync(jobs))
        {
            Assert.Equal(at % 3 == 0 && at > 0 ? TestOutcome.Failed : TestOutcome.Passed, run.Outcome);
            at++;
        }

        Assert.Equal(40, at);
    }

    [Fact]
    public async Task Run_Cancelled_ThrowsAndTheNextRuns()
    {
        using CancellationTokenSource source = new(TimeSpan.FromMilliseconds(200));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => runners.Unguarded.RunAsync("public static int F() { Thread.Sleep(100000); return 1; }", "F();", source.Token));
        Assert.Equal(TestOutcome.Passed, (await runners.Unguarded.RunAsync(Add, "Check.Equal(3, Add(1, 2));")).Outcome);
    }

    private static string CommandLine(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "cmdline"));
        }
        catch (IOException)
        {
            return "";
        }
    }
}
