using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using System.Text;

namespace Apprentice.TestHost;

/// <summary>Runs compiled tests that another process sends, one assembly after the other. This process is expected to die by what it runs.</summary>
/// <remarks>
/// It keeps no limit on time: the process that asks does, and ends this one. Each assembly gets a load context of its own, a fresh thread
/// with a 1 MiB stack and invariant culture; <see cref="Console"/> is a counter that throws when too much is written.
/// </remarks>
public static class TestWorker
{
    /// <summary>Characters that one run may write to the console. Default 65,536: more than any honest test prints.</summary>
    private const int OutputLimit = 1 << 16;

    private const int StackBytes = 1 << 20;

    private static bool s_running;

    private static Assembly? s_shared;

    /// <summary>Serves requests until <paramref name="input"/> ends.</summary>
    /// <param name="input">Requests; normally standard input.</param>
    /// <param name="output">Answers; normally standard output, which nothing else of the process may write to.</param>
    /// <returns>The exit code, 0.</returns>
    public static int Run(Stream input, Stream output)
    {
        Console.SetIn(TextReader.Null);
        string limits = WorkerLimits.Apply();
        using BlockingCollection<(long Nonce, byte[] Assembly)> requests = new();
        Thread reader = new(() => Read(input, requests)) { IsBackground = true };
        reader.Start();
        WorkerProtocol.WriteAnswer(output, new WorkerAnswer(0, WorkerOutcome.Ready, true, 0, limits));
        int threads = CountThreads();
        foreach ((long nonce, byte[] assembly) in requests.GetConsumingEnumerable())
        {
            if (nonce == WorkerProtocol.SharedLibrary)
            {
                // Loaded and compiled once for all candidates; it keeps no state.
                using MemoryStream library = new(assembly, writable: false);
                s_shared = AssemblyLoadContext.Default.LoadFromStream(library);
                continue;
            }

            Volatile.Write(ref s_running, true);
            CountingWriter console = new();
            Console.SetOut(console);
            Console.SetError(console);
            CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
            CultureInfo.DefaultThreadCurrentUICulture = CultureInfo.InvariantCulture;
            (WorkerOutcome outcome, string message, double milliseconds, WeakReference context) = RunOne(assembly, console);
            int now = CountThreads();
            bool clean = now <= threads || Unloads(context);

            // The lowest count ever seen: a thread of the runtime that has ended must not hide one that was left behind.
            threads = Math.Min(threads, now);
            Volatile.Write(ref s_running, false);
            WorkerProtocol.WriteAnswer(output, new WorkerAnswer(nonce, outcome, clean, milliseconds, message));
        }

        return 0;
    }

    // Reads ahead, so that the end of the asking process is noticed even while an endless loop runs.
    private static void Read(Stream input, BlockingCollection<(long Nonce, byte[] Assembly)> requests)
    {
        while (WorkerProtocol.ReadRequest(input) is { } request)
        {
            requests.Add(request);
        }

        requests.CompleteAdding();
        if (Volatile.Read(ref s_running))
        {
            Environment.Exit(0);
        }
    }

    // Not inlined, so that no local of it keeps the load context alive.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (WorkerOutcome Outcome, string Message, double Milliseconds, WeakReference Context) RunOne(byte[] bytes, CountingWriter console)
    {
        AssemblyLoadContext context = new(null, isCollectible: true);
        context.Resolving += static (_, name) => name.Name == s_shared?.GetName().Name ? s_shared : null;
        WeakReference reference = new(context);
        try
        {
            Action run;
            try
            {
                using MemoryStream stream = new(bytes, writable: false);
                Assembly assembly = context.LoadFromStream(stream);
                MethodInfo method = assembly.GetType("Tests", throwOnError: true)!.GetMethod("Run", BindingFlags.Public | BindingFlags.Static, [])
                    ?? throw new MissingMethodException("Tests", "Run");
                run = method.CreateDelegate<Action>();
            }
            catch (Exception error)
            {
                return (WorkerOutcome.Unusable, Describe(error), 0, reference);
            }

            Exception? thrown = null;
            Thread thread = new(() => thrown = Catch(run), StackBytes) { IsBackground = true };
            long start = Stopwatch.GetTimestamp();
            thread.Start();
            thread.Join();
            double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            while (thrown is TypeInitializationException { InnerException: { } inner })
            {
                thrown = inner;
            }

            WorkerOutcome outcome = thrown switch
            {
                _ when console.Exceeded => WorkerOutcome.OutputLimit,
                null => WorkerOutcome.Passed,
                OutOfMemoryException => WorkerOutcome.OutOfMemory,
                _ => WorkerOutcome.Failed,
            };
            return (outcome, thrown is null ? "" : Describe(thrown), milliseconds, reference);
        }
        finally
        {
            context.Unload();
        }
    }

    private static Exception? Catch(Action run)
    {
        try
        {
            run();
            return null;
        }
        catch (Exception error)
        {
            return error;
        }
    }

    private static string Describe(Exception error)
    {
        // The message may itself be code under test.
        string message;
        try
        {
            message = error.Message;
        }
        catch (Exception)
        {
            message = "(no message)";
        }

        return error.GetType().FullName == "CheckFailedException" ? message : $"{error.GetType().Name}: {message}";
    }

    // Threads of the runtime come and go too; a context that cannot be collected tells a thread of the code under test from those.
    private static bool Unloads(WeakReference context)
    {
        for (int i = 0; i < 4 && context.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return !context.IsAlive;
    }

    private static int CountThreads()
    {
        if (OperatingSystem.IsLinux() && Directory.Exists("/proc/self/task"))
        {
            return Directory.GetDirectories("/proc/self/task").Length;
        }

        using Process self = Process.GetCurrentProcess();
        return self.Threads.Count;
    }

    private sealed class CountingWriter : TextWriter
    {
        private long _written;

        public bool Exceeded => Interlocked.Read(ref _written) > OutputLimit;

        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value) => Count(1);

        public override void Write(char[] buffer, int index, int count) => Count(count);

        public override void Write(string? value) => Count(value?.Length ?? 0);

        public override void Write(ReadOnlySpan<char> buffer) => Count(buffer.Length);

        private void Count(int characters)
        {
            if (Interlocked.Add(ref _written, characters) > OutputLimit)
            {
                throw new IOException($"More than {OutputLimit:N0} characters were written to the console.");
            }
        }
    }
}
