namespace Apprentice.Compute.Tests;

public sealed class RandomTests
{
    [Fact]
    public void SeededRandom_StatePutBack_ContinuesTheSequence()
    {
        SeededRandom random = new(42);
        for (int i = 0; i < 10; i++)
        {
            random.NextGaussian();
        }

        ulong state = random.State;
        ulong[] expected = [.. Enumerable.Range(0, 20).Select(_ => random.NextUInt64())];
        SeededRandom resumed = new(7) { State = state };
        Assert.Equal(expected, Enumerable.Range(0, 20).Select(_ => resumed.NextUInt64()));
        Assert.NotEqual(new SeededRandom(1).NextUInt64(), new SeededRandom(2).NextUInt64());
    }

    [Fact]
    public void SeededRandom_Shuffle_KeepsItemsAndReachesEveryOrder()
    {
        SeededRandom random = new(5);
        Dictionary<string, int> orders = [];
        for (int i = 0; i < 24_000; i++)
        {
            char[] items = ['a', 'b', 'c', 'd'];
            random.Shuffle<char>(items);
            string order = new(items);
            orders[order] = orders.GetValueOrDefault(order) + 1;
        }

        // 1,000 of each expected; 31 is the standard deviation.
        Assert.Equal(24, orders.Count);
        Assert.All(orders.Values, count => Assert.InRange(count, 840, 1160));
        random.Shuffle<int>([]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1000)]
    [InlineData(int.MaxValue)]
    public void SeededRandom_NextInt_StaysInRange(int max)
    {
        SeededRandom random = new(9);
        double sum = 0;
        for (int i = 0; i < 20_000; i++)
        {
            int value = random.NextInt(max);
            Assert.InRange(value, 0, max - 1);
            sum += value;
        }

        // The mean of a uniform draw; 0.29 · range / √20000 is its standard deviation.
        Assert.InRange(sum / 20_000, ((max - 1) / 2.0) - (0.011 * max), ((max - 1) / 2.0) + (0.011 * max));
        Assert.Throws<ArgumentOutOfRangeException>(() => random.NextInt(0));
    }

    [Fact]
    public void SeededRandom_NextGaussian_HasMeanZeroAndDeviationOne()
    {
        SeededRandom random = new(11);
        double[] draws = [.. Enumerable.Range(0, 100_000).Select(_ => random.NextGaussian())];
        Assert.InRange(draws.Average(), -0.02, 0.02);
        Assert.InRange(draws.Average(x => x * x), 0.97, 1.03);
        Assert.InRange(draws.Average(x => x * x * x * x), 2.8, 3.2);
    }

    [Fact]
    public void RandomStream_SameIndex_SameNumber()
    {
        RandomStream stream = new(1, 2);
        uint[] forward = [.. Enumerable.Range(0, 100).Select(i => stream.UInt32((ulong)i))];
        uint[] backward = [.. Enumerable.Range(0, 100).Reverse().Select(i => new RandomStream(1, 2).UInt32((ulong)i))];
        Assert.Equal(forward, backward.Reverse());
        Assert.NotEqual(forward, Enumerable.Range(0, 100).Select(i => new RandomStream(1, 3).UInt32((ulong)i)));
        Assert.NotEqual(forward, Enumerable.Range(0, 100).Select(i => new RandomStream(2, 2).UInt32((ulong)i)));

        // The upper half of an index counts too.
        Assert.NotEqual(stream.UInt32(5), stream.UInt32(5 + (1UL << 32)));
    }

    [Fact]
    public void RandomStream_Uniform_FillsTheIntervalEvenly()
    {
        const int Draws = 160_000, Bins = 16;
        RandomStream stream = new(3, 4);
        int[] counts = new int[Bins];
        for (int i = 0; i < Draws; i++)
        {
            float value = stream.Uniform((ulong)i);
            Assert.InRange(value, 0, 0.99999998f);
            counts[(int)(value * Bins)]++;
        }

        // 10,000 a bin expected; 97 is the standard deviation.
        Assert.All(counts, count => Assert.InRange(count, 9500, 10_500));
    }
}
