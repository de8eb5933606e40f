namespace Apprentice.Compute.Tests;

public sealed class OperationGradientTests
{
    private static ParameterSet Parameters(params (string Name, int[] Shape)[] declarations)
    {
        ParameterSet set = new();
        foreach ((string name, int[] shape) in declarations)
        {
            set.Declare(name, shape, decay: true);
        }

        set.Build();
        SeededRandom random = new(11);
        foreach (Parameter parameter in set.Parameters)
        {
            foreach (ref float value in parameter.Values)
            {
                value = (float)(random.NextGaussian() * 0.5);
            }
        }

        return set;
    }

    [Fact]
    public void Linear_WithBias_MatchesFiniteDifferences()
    {
        using ParameterSet set = Parameters(("w", [5, 7]), ("b", [5]));
        GradientCheck.Verify([(3, 7)], (tape, x) => tape.Linear(x[0], set.Parameters[0], set.Parameters[1]), set);
    }

    [Fact]
    public void Linear_InputUsedTwice_AddsBothGradients()
    {
        using ParameterSet set = Parameters(("w", [4, 4]), ("v", [4, 4]));
        GradientCheck.Verify([(3, 4)], (tape, x) => tape.JoinColumns(tape.Linear(x[0], set.Parameters[0], null), tape.Linear(x[0], set.Parameters[1], null)), set);
    }

    [Fact]
    public void Embedding_RepeatedIds_MatchesFiniteDifferences()
    {
        using ParameterSet set = Parameters(("word", [6, 5]), ("position", [4, 5]));
        GradientCheck.Verify([], (tape, _) => tape.Embedding([set.Parameters[0], set.Parameters[1]], [[2, 2, 5], [0, 1, 2]]), set);
    }

    [Theory]
    [InlineData(false, 0f)]
    [InlineData(true, 0f)]
    [InlineData(false, 0.3f)]
    public void Attention_RaggedBatch_MatchesFiniteDifferences(bool causal, float dropout) =>
        GradientCheck.Verify([(6, 3 * 8)], (tape, x) => tape.Attention(x[0], [0, 1, 6], 2, causal, dropout));

    [Fact]
    public void ResidualNorm_InputsUsedElsewhere_AddsAllGradients()
    {
        using ParameterSet set = Parameters(("gain", [9]), ("bias", [9]));
        GradientCheck.Verify([(4, 9), (4, 9)], (tape, x) =>
        {
            Tensor both = tape.ResidualNorm(x[0], x[1], set.Parameters[0], set.Parameters[1], 1e-5f);
            return tape.JoinColumns(both, x[1], tape.ResidualNorm(both, x[0], set.Parameters[0], set.Parameters[1], 1e-5f));
        }, set);
    }

    [Fact]
    public void ResidualNorm_OfItself_AddsBothGradients()
    {
        using ParameterSet set = Parameters(("gain", [9]), ("bias", [9]));
        GradientCheck.Verify([(4, 9)], (tape, x) => tape.ResidualNorm(x[0], x[0], set.Parameters[0], set.Parameters[1], 1e-5f), set);
    }

    [Fact]
    public void ResidualNorm_WithResidual_MatchesFiniteDifferences()
    {
        using ParameterSet set = Parameters(("gain", [9]), ("bias", [9]));
        GradientCheck.Verify([(4, 9), (4, 9)], (tape, x) => tape.ResidualNorm(x[0], x[1], set.Parameters[0], set.Parameters[1], 1e-5f), set);
    }

    [Fact]
    public void ResidualNorm_SameTensorTwice_AddsBothGradients()
    {
        using ParameterSet set = Parameters(("gain", [6]), ("bias", [6]));
        GradientCheck.Verify([(3, 6)], (tape, x) => tape.ResidualNorm(x[0], x[0], set.Parameters[0], set.Parameters[1], 1e-5f), set);
    }

    [Fact]
    public void Gelu_MatchesFiniteDifferences() => GradientCheck.Verify([(3, 11)], (tape, x) => tape.GeluOf(x[0]));

    [Fact]
    public void Tanh_MatchesFiniteDifferences() => GradientCheck.Verify([(3, 11)], (tape, x) => tape.TanhOf(x[0]));

    [Fact]
    public void Dropout_SameMaskInBothPasses() => GradientCheck.Verify([(5, 16)], (tape, x) => tape.DropoutOf(x[0], 0.4f));

    [Fact]
    public void GatherRows_RepeatedRows_MatchesFiniteDifferences() => GradientCheck.Verify([(4, 5)], (tape, x) => tape.GatherRows(x[0], [3, 0, 3]));

    [Fact]
    public void MeanRows_OverlappingAndEmptyRanges_MatchesFiniteDifferences() => GradientCheck.Verify([(5, 4)], (tape, x) => tape.MeanRows(x[0], [(0, 3), (2, 5), (1, 2), (4, 4)]));

    [Fact]
    public void UnitRows_MatchesFiniteDifferences() => GradientCheck.Verify([(4, 6)], (tape, x) => tape.UnitRows(x[0]));

    [Fact]
    public void CrossEntropy_WithIgnoredRows_MatchesFiniteDifferences() => GradientCheck.Verify([(5, 7)], (tape, x) => tape.CrossEntropyOf(x[0], [1, -1, 6, 0, -1]), scalar: true);

    [Fact]
    public void GroupedCrossEntropy_SharedMass_MatchesFiniteDifferences() =>
        GradientCheck.Verify([(9, 1)], (tape, x) => tape.GroupedCrossEntropy(x[0], [0, 3, 7, 9], [0, 1, 0, 0, 0.5f, 0.5f, 0, 1, 0]), scalar: true);

    [Fact]
    public void Contrastive_MatchesFiniteDifferences() => GradientCheck.Verify([(4, 6), (4, 6)], (tape, x) => tape.ContrastiveLoss(tape.UnitRows(x[0]), tape.UnitRows(x[1]), 0.5f), scalar: true);

    [Fact]
    public void WeightedSum_MatchesFiniteDifferences() =>
        GradientCheck.Verify([(2, 5)], (tape, x) => tape.WeightedSum((tape.CrossEntropyOf(x[0], [1, 2]), 0.7f), (tape.CrossEntropyOf(x[0], [4, -1]), -0.2f)), scalar: true);

    [Fact]
    public void CrossEntropy_EveryRowIgnored_GivesZeroLossAndGradient()
    {
        using Tape tape = new(Workers.Single) { Training = true };
        Tensor logits = tape.Input([1, 2, 3, 4], 2, 2);
        Tensor loss = tape.CrossEntropyOf(logits, [-1, -1]);
        tape.Backward(loss);
        Assert.Equal(0, loss.Span[0]);
        Assert.All(logits.GradientSpan.ToArray(), value => Assert.Equal(0, value));
    }

    [Fact]
    public void Linear_WrongInnerSize_NamesBothShapes()
    {
        using ParameterSet set = Parameters(("w", [5, 7]));
        using Tape tape = new(Workers.Single);
        ArgumentException error = Assert.Throws<ArgumentException>(() => tape.Linear(tape.Allocate(3, 8), set.Parameters[0], null));
        Assert.Contains("[3, 8]", error.Message, StringComparison.Ordinal);
        Assert.Contains("[5, 7]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Freeze_FrozenParameter_GetsNoGradientAndNoStep()
    {
        using ParameterSet set = Parameters(("w", [3, 3]), ("v", [3, 3]));
        set.Freeze(parameter => parameter.Name == "v");
        float[] before = set.Parameters[0].Values.ToArray();
        using Tape tape = new(Workers.Single) { Training = true };
        using Optimiser optimiser = new(set, new OptimiserOptions());
        set.ClearGradients();
        Tensor y = tape.Linear(tape.Linear(tape.Constant([1, 2, 3], 1, 3), set.Parameters[0], null), set.Parameters[1], null);
        tape.Backward(tape.CrossEntropyOf(y, [1]));
        optimiser.Step(Workers.Single, 0.1);
        Assert.Equal(before, set.Parameters[0].Values.ToArray());
        Assert.All(set.Parameters[0].Gradients.ToArray(), value => Assert.Equal(0, value));
        Assert.Contains(set.Parameters[1].Gradients.ToArray(), value => value != 0);
    }
}
