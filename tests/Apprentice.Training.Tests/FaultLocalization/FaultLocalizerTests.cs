using Apprentice.Code;
using Apprentice.Compute;

namespace Apprentice.Training.Tests;

public sealed class FaultLocalizerTests
{
    /// <summary>Two ways to sum the same products in float32.</summary>
    private const double Tolerance = 1e-6;

    private static readonly string s_long = "void F()\n{\n" + string.Concat(Enumerable.Range(0, 120).Select(i => $"    total{i} = left + {i};\n")) + "    // end\n}";

    [Theory]
    [InlineData(new int[0], new float[] { 1, 0, 0, 0 })]
    [InlineData(new[] { 3 }, new float[] { 0, 0, 1, 0 })]
    [InlineData(new[] { 1, 4 }, new float[] { 0, 0.5f, 0, 0.5f })]
    [InlineData(new[] { 1, 3, 4 }, new float[] { 0, 1f / 3, 1f / 3, 1f / 3 })]
    [InlineData(new[] { 9 }, new float[] { 1, 0, 0, 0 })]
    public void Targets_FaultyLines_ShareTheMass(int[] faulty, float[] expected)
    {
        LineWindow window = Assert.Single(LineWindow.Cut("int F()\n{\n    a = 1;\n    return a;\n}", Language.CSharp, Samples.Tokenizer, 128));
        Assert.Equal(expected, FaultTrainingTask.Targets(window, faulty));
    }

    [Fact]
    public void Predict_AnyText_GivesOneScoreForEachLine()
    {
        using TaskModel model = Samples.Faults();
        using Workers workers = new(1);
        string[] texts = ["", "\n", "// c\n", "int F()\n{\n    return 1;\n}\n", "a;\r\n\r\nb;", s_long, Samples.Function(1, 1).Code];
        LineScores[] all = [.. FaultLocalizer.Predict(model, texts.Select(text => (text, Language.CSharp)), workers)];
        Assert.Equal(texts.Length, all.Length);
        foreach ((string text, LineScores scores) in texts.Zip(all))
        {
            Assert.Equal(text.Split('\n').Length, scores.Lines.Length);
            LineFeatures features = LineFeatures.Of(text, Language.CSharp);
            for (int line = 0; line < scores.Lines.Length; line++)
            {
                if (features.IsCandidate(line))
                {
                    Assert.InRange(scores.Lines[line], double.Epsilon, 1);
                }
                else
                {
                    Assert.Equal(FaultLocalizer.Impossible, scores.Lines[line]);
                }
            }

            Assert.InRange(scores.FaultProbability, 0, 1);
        }

        // Nothing to be faulty: no fault, for certain.
        Assert.Equal(0, all[0].FaultProbability);

        // Within one window the lines share what 'no fault' leaves.
        Assert.Equal(all[^1].FaultProbability, all[^1].Lines.Where(score => score >= 0).Sum(), Tolerance);
    }

    [Fact]
    public void Predict_AloneOrAmongOthers_IsTheSame()
    {
        using TaskModel model = Samples.Faults(dropout: 0.1f);
        using Workers workers = new(2);
        List<(string, Language)> functions = [.. Enumerable.Range(0, 60).Select(i => (Samples.Function(i, 3).Code, Language.CSharp))];
        functions.Insert(7, (s_long, Language.CSharp));
        functions.Insert(20, ("", Language.CSharp));
        LineScores[] together = [.. FaultLocalizer.Predict(model, functions, workers)];
        for (int i = 0; i < functions.Count; i += 4)
        {
            LineScores alone = Assert.Single(FaultLocalizer.Predict(model, [functions[i]], workers));
            Assert.Equal(alone.FaultProbability, together[i].FaultProbability, Tolerance);
            Assert.Equal(alone.Lines.Length, together[i].Lines.Length);
            Assert.All(alone.Lines.Zip(together[i].Lines), pair => Assert.Equal(pair.First, pair.Second, Tolerance));
        }
    }

    [Fact]
    public void Loss_LongFunction_SeesEveryWindowInTime()
    {
        using TaskModel model = Samples.Faults(hidden: 16, layers: 1, length: 32);
        FaultTrainingTask task = new(model, [(s_long, Language.CSharp, [60])]);
        using Workers workers = new(1);
        using Tape tape = new(workers) { Training = true };
        HashSet<float> losses = [];
        for (ulong seed = 0; seed < 200; seed++)
        {
            tape.Reset();
            losses.Add(task.Loss(tape, [0], new SeededRandom(seed)).Loss.Span[0]);
        }

        Assert.Equal(1, task.Count);
        Assert.True(losses.Count > LineWindow.Cut(s_long, Language.CSharp, Samples.Tokenizer, 32).Count * 0.8);
        Assert.All(losses, loss => Assert.True(float.IsFinite(loss)));
    }

    [Fact]
    public void Predict_CloneModel_SaysWhatIsMissing()
    {
        using TaskModel model = Samples.Clones();
        using Workers workers = new(1);
        Assert.Contains("line head", Assert.Throws<TrainingException>(() => FaultLocalizer.Predict(model, [("a;", Language.CSharp)], workers).ToList()).Message);
        Assert.Contains("line head", Assert.Throws<TrainingException>(() => new FaultTrainingTask(model, [])).Message);
    }
}
