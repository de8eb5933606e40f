using Apprentice.Data;

namespace Apprentice.Evaluation.Tests;

public sealed class PredictionsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("apprentice-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("a.jsonl")]
    [InlineData("a.jsonl.gz")]
    public async Task WriteAsync_ThenRead_GivesTheSame(string name)
    {
        string path = Path.Combine(_folder, name);
        LinePrediction[] written = [new("a", [0.1, -3.25, 1e-300], 0.5), new("b \u00e9\"", [1], 1)];
        await Predictions.WriteAsync(path, written);
        IReadOnlyList<LinePrediction> read = await Predictions.ReadLinesAsync(path);
        Assert.Equal(written.Select(one => one.Id), read.Select(one => one.Id));
        Assert.Equal(written.SelectMany(one => one.LineScores), read.SelectMany(one => one.LineScores));
        Assert.Equal(written.Select(one => one.FaultProbability), read.Select(one => one.FaultProbability));
    }

    [Fact]
    public async Task WriteAsync_Infinity_StaysAFiniteNumber()
    {
        string path = Path.Combine(_folder, "a.jsonl");
        await Predictions.WriteAsync(path, [new LinePrediction("a", [double.NegativeInfinity, 0.5], 0.25)]);
        Assert.Equal("{\"id\":\"a\",\"line_scores\":[-1E+30,0.5],\"fault_probability\":0.25}\n", await File.ReadAllTextAsync(path));
    }

    [Fact]
    public async Task WriteAsync_NotANumber_LeavesTheFileAsItWas()
    {
        string path = Path.Combine(_folder, "a.jsonl");
        await Predictions.WriteAsync(path, [new PairPrediction("a", 1)]);
        await Assert.ThrowsAsync<ArgumentException>(() => Predictions.WriteAsync(path, [new PairPrediction("b", double.NaN)]));
        Assert.Equal("{\"id\":\"a\",\"score\":1}\n", await File.ReadAllTextAsync(path));
        Assert.Single(Directory.GetFiles(_folder));
    }

    [Theory]
    [InlineData("{\"id\":\"a\",\"line_scores\":[1]}\n{\"id\":", ", line 2: the row is not a prediction")]
    [InlineData("{\"line_scores\":[1]}", ", line 1: the row has no \"id\"")]
    [InlineData("{\"id\":\"a\",\"score\":1}", "clone detection predictions?")]
    [InlineData("{\"id\":\"a\",\"line_scores\":[1]}\n\n{\"id\":\"a\",\"line_scores\":[1]}", ", line 3: id 'a' comes twice")]
    [InlineData("{\"id\":\"a\",\"line_scores\":[1],\"fault_probability\":1.5}", "expected 0 to 1")]
    [InlineData("{\"id\":\"a\",\"line_scores\":[null]}", ", line 1: the row is not a prediction")]
    [InlineData("null", "the row is null")]
    public async Task ReadLinesAsync_BrokenRow_NamesFileAndLine(string text, string expected)
    {
        string path = Path.Combine(_folder, "broken.jsonl");
        await File.WriteAllTextAsync(path, text);
        PredictionException exception = await Assert.ThrowsAsync<PredictionException>(() => Predictions.ReadLinesAsync(path));
        Assert.StartsWith(path, exception.Message);
        Assert.Contains(expected, exception.Message);
    }

    [Fact]
    public async Task ReadPairsAsync_AbsentFile_IsAPredictionException() =>
        await Assert.ThrowsAsync<PredictionException>(() => Predictions.ReadPairsAsync(Path.Combine(_folder, "absent.jsonl")));

    [Fact]
    public void Align_OtherDataSet_SaysWhat()
    {
        FaultExample[] examples = [Samples.Fault("a", 3, 1), Samples.Fault("b", 2, 2)];
        LinePrediction a = new("a", [1, 2, 3], 1), b = new("b", [1, 2], 1);
        Check([a, b with { LineScores = [1, 2, 3] }], "prediction 'b' has 3 line scores; its code has 2 lines");
        Check([a], "1 of 2 rows of the data set have no prediction, the first is 'b'");
        Check([a, b, new("c", [1], 1)], "prediction 'c' is not in the data set");
        Check([a, a, b], "prediction 'a' comes twice");
        Check([a, b with { LineScores = [1, double.NaN] }], "not a number");
        Assert.Equal(["a", "b"], Predictions.Align(examples, [b, a]).Select(one => one.Id));

        void Check(LinePrediction[] predictions, string expected) =>
            Assert.Contains(expected, Assert.Throws<PredictionException>(() => Predictions.Align(examples, predictions)).Message);
    }
}
