using Vigia.Core.Foundation.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Tests.Components.Shared;

public sealed class DraftNameTests
{
    private static readonly Actor Ana = new(Guid.NewGuid(), "Ana", null, [StaffRoles.Administrator]);

    [Fact]
    public void Of_AnotherPersonFormOrSubject_IsAnotherName()
    {
        DraftName[] names =
        [
            DraftName.Of(Ana, "suspend", 7), DraftName.Of(Ana, "suspend", 8), DraftName.Of(Ana, "withdraw", 7),
            DraftName.Of(Ana with { StaffId = Guid.NewGuid() }, "suspend", 7), DraftName.Of(Ana, "suspend"),
        ];

        Assert.Distinct(names);
        Assert.Equal(DraftName.Of(Ana, "suspend", 7), names[0]);
        Assert.Equal($"{Ana.StaffId}/suspend-7", names[0].Text);
    }

    [Fact]
    public void IdOf_SeveralSubjects_DoesNotDependOnTheirOrder()
    {
        Assert.Equal(DraftName.IdOf([1, 2, 3]), DraftName.IdOf([3, 1, 2]));
        Assert.NotEqual(DraftName.IdOf([1, 2, 3]), DraftName.IdOf([1, 2, 4]));
        Assert.NotEqual(DraftName.IdOf("one"), DraftName.IdOf("two"));
    }
}
