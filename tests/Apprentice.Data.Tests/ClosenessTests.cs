using Apprentice.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Apprentice.Data.Tests;

public sealed class ClosenessTests
{
    // Score sums three quotients of doubles.
    private const double RoundingTolerance = 1e-9;

    private static readonly ClosenessMeasures s_average = new(2, 20, 0.9);

    [Fact]
    public void Score_RowThatEqualsTheAverages_IsZero() => Assert.Equal(0, Closeness.Score(s_average, s_average));

    [Fact]
    public void Score_KnownRow_IsThePapersFormula() =>
        Assert.Equal(0.5 + 1.0 + (0.3 / 0.9), Closeness.Score(new ClosenessMeasures(3, 40, 0.6), s_average), RoundingTolerance);

    [Fact]
    public void Score_EachDeviation_RaisesItMonotonically() => Prop.ForAll(
        ArbMap.Default.ArbFor<NormalFloat>().Filter(value => Math.Abs(value.Get) is > 1e-3 and < 1e6),
        ArbMap.Default.ArbFor<NormalFloat>().Filter(value => Math.Abs(value.Get) is > 1e-3 and < 1e6),
        (first, second) =>
        {
            double near = Math.Min(Math.Abs(first.Get), Math.Abs(second.Get));
            double far = Math.Max(Math.Abs(first.Get), Math.Abs(second.Get)) + 1;
            return Rises(deviation => s_average with { Lines = s_average.Lines + deviation })
                && Rises(deviation => s_average with { EditDistance = s_average.EditDistance - deviation })
                && Rises(deviation => s_average with { Similarity = s_average.Similarity + deviation });
            bool Rises(Func<double, ClosenessMeasures> row) => Closeness.Score(row(near), s_average) < Closeness.Score(row(far), s_average);
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(3)]
    [InlineData(0.01)]
    public void Score_OtherUnitsOfLinesAndDistance_AreTheSame(double factor)
    {
        ClosenessMeasures row = new(5, 7, 0.3);
        Assert.Equal(
            Closeness.Score(row, s_average),
            Closeness.Score(row with { Lines = row.Lines * factor, EditDistance = row.EditDistance * factor }, s_average with { Lines = 2 * factor, EditDistance = 20 * factor }),
            RoundingTolerance);
    }

    [Fact]
    public void Score_AverageOfZero_DropsTheTerm() =>
        Assert.Equal(1, Closeness.Score(new ClosenessMeasures(7, 40, 0.9), new ClosenessMeasures(0, 20, 0.9)));

    [Fact]
    public void Average_NoRealRows_IsRefused() => Assert.Throws<ArgumentException>(() => Closeness.Average([]));

    [Fact]
    public void Select_LowestScores_TiesInOrderOfIds()
    {
        (string, ClosenessMeasures)[] rows =
        [
            ("far", s_average with { Lines = 9 }),
            ("b", s_average with { Lines = 3 }),
            ("a", s_average with { Lines = 1 }),
            ("best", s_average),
        ];
        Assert.Equal(["best", "a", "b"], Closeness.Select(rows, s_average, 3).Select(row => row.Id));
        Assert.Equal(["best", "a", "b"], Closeness.Select(rows.Reverse(), s_average, 3).Select(row => row.Id));
        Assert.Equal(4, Closeness.Select(rows, s_average, 10).Count);
    }

    [Fact]
    public void OfFault_OneChangedLine_CountsLinesAndCharacters()
    {
        FaultExample row = new() { Id = "a", Language = "csharp", Code = "int F(int x)\n{\n    return x - 1;\n}", FixedCode = "int F(int x)\n{\n    return x + 10;\n}" };
        Assert.Equal(new ClosenessMeasures(2, 2, 0.5), Closeness.OfFault(row, 0.5));
        Assert.Throws<ArgumentException>(() => Closeness.OfFault(row with { FixedCode = null }, 0.5));
        Assert.Throws<ArgumentException>(() => Closeness.OfFault(row, double.NaN));
    }

    [Fact]
    public void OfPair_TwoSides_ComparesTheirLengths()
    {
        ClonePair row = new() { Id = "a", LanguageA = "c", LanguageB = "c", CodeA = "a\n\nb", CodeB = "a\nb\nc\nd\n", Label = 1 };
        Assert.Equal(2, Closeness.OfPair(row, 1).Lines);
    }

    [Fact]
    public void Cosine_KnownVectors_IsTheirAngle()
    {
        Assert.Equal(0.8, Closeness.Cosine([1, 0], [0.8f, 0.6f]), 6);
        Assert.Equal(0, Closeness.Cosine([0, 0], [1, 1]));
        Assert.Throws<ArgumentException>(() => Closeness.Cosine([1], [1, 2]));
    }

    [Fact]
    public async Task OfFault_PublicData_MeasuresEveryRow()
    {
        List<ClosenessMeasures> measures = [];
        await foreach (FaultExample row in FaultDataset.ReadAsync(SharedFiles.Require("data/fl.real.valid.jsonl.gz")))
        {
            measures.Add(Closeness.OfFault(row, 1));
        }

        Assert.All(measures, row => Assert.True(row.EditDistance > 0));
        Assert.InRange(Closeness.Average(measures).Lines, 1, 6);
    }
}
