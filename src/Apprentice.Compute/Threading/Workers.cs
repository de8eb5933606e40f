using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Apprentice.Compute;

/// <summary>A fixed team of threads that shares the blocks of one piece of work at a time.</summary>
/// <remarks>
/// The calling thread takes part. Idle threads spin for some tens of microseconds, which bridges the gap between two kernels of a training step,
/// and then park. A call allocates nothing after the first one of its kind. A <see cref="Run{TWork}"/> inside a block, or beside another
/// one on the same team, runs on its own thread alone: results never depend on who does the work.
/// Dispose the team to end its threads; <see cref="Single"/> has none.
/// </remarks>
public sealed class Workers : IDisposable
{
    private const int SpinRounds = 300;

    [ThreadStatic]
    private static bool t_insideBlock;

    private readonly Helper[] _helpers;
    private readonly SemaphoreSlim _finished = new(0);

    // The open job: generation in the upper half, blocks not yet claimed in the lower half. Whoever claims a block by
    // lowering this word knows that _job and _blocks belong to it, because the job cannot end before the block is done.
    private long _ticket;
    private Job? _job;
    private int _blocks;
    private int _done;
    private int _busy;
    private int _callerParked;
    private ExceptionDispatchInfo? _failure;
    private volatile bool _stopping;

    /// <summary>Starts a team.</summary>
    /// <param name="threadCount">Threads that work at the same time, the caller included; at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="threadCount"/> is below 1.</exception>
    public Workers(int threadCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threadCount, 1);
        ThreadCount = threadCount;
        _helpers = new Helper[threadCount - 1];
        for (int i = 0; i < _helpers.Length; i++)
        {
            _helpers[i] = new Helper(this, i + 1);
        }
    }

    /// <summary>Threads that work at the same time, the caller included.</summary>
    public int ThreadCount { get; }

    /// <summary>The team of the calling thread alone. Safe to share; disposing it does nothing.</summary>
    public static Workers Single { get; } = new(1);

    /// <summary>Runs every block once and returns when all are done.</summary>
    /// <param name="blocks">Number of blocks; 0 does nothing.</param>
    /// <param name="work">What to do with a block; shared by all threads, so a block may write only what belongs to it.</param>
    /// <typeparam name="TWork">A struct, so that each kind of work gets code of its own without an indirect call a block.</typeparam>
    /// <exception cref="ObjectDisposedException">The team was disposed.</exception>
    /// <remarks>The first exception of a block is thrown again here after all started blocks ended; blocks not yet started are then skipped.</remarks>
    public void Run<TWork>(int blocks, TWork work)
        where TWork : struct, IBlockWork
    {
        if (_helpers.Length == 0 || blocks <= 1 || t_insideBlock || Interlocked.CompareExchange(ref _busy, 1, 0) != 0)
        {
            for (int block = 0; block < blocks; block++)
            {
                work.Run(block);
            }

            return;
        }

        ObjectDisposedException.ThrowIf(_stopping, this);
        Job<TWork> job = Job<TWork>.OfThisThread;
        job.Work = work;
        _job = job;
        _blocks = blocks;
        _done = 0;
        _failure = null;
        long generation = (Volatile.Read(ref _ticket) >> 32) + 1;
        Interlocked.Exchange(ref _ticket, (generation << 32) | (uint)blocks);
        for (int i = 0; i < _helpers.Length && i < blocks - 1; i++)
        {
            _helpers[i].Wake();
        }

        t_insideBlock = true;
        while (TryRunBlock())
        {
        }

        t_insideBlock = false;
        AwaitBlocksOfOthers(blocks);
        ExceptionDispatchInfo? failure = _failure;
        job.Work = default;
        _job = null;
        Volatile.Write(ref _busy, 0);
        failure?.Throw();
    }

    /// <summary>Ends the threads of this team after the block each is doing.</summary>
    public void Dispose()
    {
        if (_helpers.Length == 0 || _stopping)
        {
            return;
        }

        _stopping = true;
        foreach (Helper helper in _helpers)
        {
            helper.Wake();
        }

        foreach (Helper helper in _helpers)
        {
            helper.Join();
        }
    }

    private void AwaitBlocksOfOthers(int blocks)
    {
        for (int round = 0; Volatile.Read(ref _done) < blocks; round++)
        {
            if (round < SpinRounds)
            {
                Thread.SpinWait(4);
                continue;
            }

            Interlocked.Exchange(ref _callerParked, 1);
            if (Volatile.Read(ref _done) < blocks || Interlocked.CompareExchange(ref _callerParked, 0, 1) != 1)
            {
                _finished.Wait();
            }
        }
    }

    private bool TryRunBlock()
    {
        long ticket = Volatile.Read(ref _ticket);
        int left;
        while (true)
        {
            left = (int)ticket;
            if (left == 0)
            {
                return false;
            }

            long seen = Interlocked.CompareExchange(ref _ticket, ticket - 1, ticket);
            if (seen == ticket)
            {
                break;
            }

            ticket = seen;
        }

        int blocks = _blocks;
        try
        {
            if (Volatile.Read(ref _failure) is null)
            {
                _job!.Run(blocks - left);
            }
        }
        catch (Exception exception)
        {
            Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(exception), null);
        }

        if (Interlocked.Increment(ref _done) == blocks
            && Volatile.Read(ref _callerParked) == 1
            && Interlocked.CompareExchange(ref _callerParked, 0, 1) == 1)
        {
            _finished.Release();
        }

        return true;
    }

    private abstract class Job
    {
        public abstract void Run(int block);
    }

    private sealed class Job<TWork> : Job
        where TWork : struct, IBlockWork
    {
        [ThreadStatic]
        private static Job<TWork>? t_job;

        public TWork Work;

        public static Job<TWork> OfThisThread => t_job ??= new Job<TWork>();

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override void Run(int block) => Work.Run(block);
    }

    private sealed class Helper
    {
        private readonly Workers _team;
        private readonly Thread _thread;
        private readonly SemaphoreSlim _wake = new(0);
        private int _parked;

        public Helper(Workers team, int number)
        {
            _team = team;
            _thread = new Thread(Work) { IsBackground = true, Name = $"Compute {number}" };
            _thread.Start();
        }

        public void Wake()
        {
            if (Volatile.Read(ref _parked) == 1 && Interlocked.CompareExchange(ref _parked, 0, 1) == 1)
            {
                _wake.Release();
            }
        }

        public void Join() => _thread.Join();

        private bool HasWork => (int)Volatile.Read(ref _team._ticket) != 0 || _team._stopping;

        private void Work()
        {
            t_insideBlock = true;
            while (!_team._stopping)
            {
                if (_team.TryRunBlock())
                {
                    continue;
                }

                bool found = false;
                for (int round = 0; round < SpinRounds && !found; round++)
                {
                    Thread.SpinWait(4);
                    found = HasWork;
                }

                if (found)
                {
                    continue;
                }

                // The flag goes up before the last look, and the caller publishes before it looks at the flag:
                // one of the two sees the other, so no wake-up is lost.
                Interlocked.Exchange(ref _parked, 1);
                if (!HasWork || Interlocked.CompareExchange(ref _parked, 0, 1) != 1)
                {
                    _wake.Wait();
                }
            }
        }
    }
}
