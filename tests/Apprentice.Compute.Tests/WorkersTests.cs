namespace Apprentice.Compute.Tests;

public sealed class WorkersTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Run_ManyJobs_RunsEveryBlockOnce(int threads)
    {
        using Workers workers = new(threads);
        for (int job = 0; job < 300; job++)
        {
            int[] counts = new int[job % 40];
            workers.Run(counts.Length, new Counting(counts));
            Assert.All(counts, count => Assert.Equal(1, count));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Run_BlockThrows_RethrowsAndStaysUsable(int threads)
    {
        using Workers workers = new(threads);
        for (int round = 0; round < 20; round++)
        {
            InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => workers.Run(17, new Failing()));
            Assert.Equal("block 3", error.Message);
            int[] counts = new int[9];
            workers.Run(counts.Length, new Counting(counts));
            Assert.All(counts, count => Assert.Equal(1, count));
        }
    }

    [Fact]
    public void Run_InsideABlock_RunsOnTheSameThread()
    {
        using Workers workers = new(3);
        int[] counts = new int[50];
        workers.Run(10, new Nested(workers, counts));
        Assert.All(counts, count => Assert.Equal(1, count));
    }

    [Fact]
    public void Run_FromSeveralThreadsAtOnce_EachGetsItsBlocks()
    {
        using Workers workers = new(2);
        Thread[] callers = new Thread[4];
        int[][] counts = [.. callers.Select(_ => new int[64])];
        for (int i = 0; i < callers.Length; i++)
        {
            int caller = i;
            callers[i] = new Thread(() =>
            {
                for (int round = 0; round < 100; round++)
                {
                    workers.Run(64, new Counting(counts[caller]));
                }
            });
            callers[i].Start();
        }

        foreach (Thread caller in callers)
        {
            caller.Join();
        }

        Assert.All(counts, own => Assert.All(own, count => Assert.Equal(100, count)));
    }

    [Fact]
    public void Run_AfterTheFirstTime_AllocatesNothing()
    {
        using Workers workers = new(2);
        int[] counts = new int[8];
        workers.Run(8, new Counting(counts));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < 100; round++)
        {
            workers.Run(8, new Counting(counts));
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Run_NoBlocks_DoesNothing() => Kernel.Two.Run(0, new Failing());

    [Fact]
    public void Run_AfterDispose_Throws()
    {
        Workers workers = new(2);
        workers.Dispose();
        workers.Dispose();
        Assert.Throws<ObjectDisposedException>(() => workers.Run(2, new Counting(new int[2])));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Create_BelowOneThread_Throws(int threads) => Assert.Throws<ArgumentOutOfRangeException>(() => new Workers(threads));

    [Fact]
    public void Single_Dispose_StaysUsable()
    {
        Workers.Single.Dispose();
        int[] counts = new int[3];
        Workers.Single.Run(3, new Counting(counts));
        Assert.Equal([1, 1, 1], counts);
    }

    private readonly struct Counting(int[] counts) : IBlockWork
    {
        public void Run(int block) => Interlocked.Increment(ref counts[block]);
    }

    private readonly struct Failing : IBlockWork
    {
        public void Run(int block)
        {
            if (block == 3)
            {
                throw new InvalidOperationException("block 3");
            }
        }
    }

    private readonly struct Nested(Workers workers, int[] counts) : IBlockWork
    {
        public void Run(int block) => workers.Run(5, new Shifted(counts, 5 * block, Environment.CurrentManagedThreadId));
    }

    private readonly struct Shifted(int[] counts, int first, int thread) : IBlockWork
    {
        public void Run(int block)
        {
            Assert.Equal(thread, Environment.CurrentManagedThreadId);
            Interlocked.Increment(ref counts[first + block]);
        }
    }
}
